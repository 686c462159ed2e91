import { parseHostPort } from '../lib/address.ts';
import type { EnvoyageError } from '../lib/errors.ts';
import { isDeclared, keyOf, type Stored, titleOf } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import { referencesOf } from '../model/references.ts';
import { groupsOverlap } from '../model/service.ts';
import * as refusal from './refusals.ts';
import { claimsOf, isBuiltIn, isRaw, makersOf, RawNames } from './resource-names.ts';
import type { Draft } from './state.ts';

/**
 * What has to hold between objects, once all edits are in: what is referred to is there, names and addresses belong to one.
 * Costs what was touched.
 * @param placeOf where the edit of a key stands
 * @throws EnvoyageError reference-missing, still-in-use, name-taken, address-taken
 */
export function checkConsistency(draft: Draft, placeOf: (key: string) => refusal.Place): void {
  const raws = new RawNames();
  for (const object of draft.touched.values()) if (object !== null) raws.add(object);
  for (const [, fault] of referenceFaults(draft, placeOf)) throw fault;
  for (const [key, object] of draft.touched) {
    const fault = object === null ? undefined : ownershipFault(object, draft, raws, placeOf(key));
    if (fault !== undefined) throw fault;
  }
}

/** What refers to nothing, and what was taken away from under something, each by its key: reference-missing, still-in-use. */
export function* referenceFaults(draft: Draft, placeOf: (key: string) => refusal.Place): Iterable<readonly [key: string, fault: EnvoyageError]> {
  for (const [key, object] of draft.touched) {
    const missing = object === null ? undefined : referencesOf(object).find((target) => draft.object(target) === undefined);
    if (object !== null && missing !== undefined) yield [key, refusal.referenceMissing(object, missing, draft, placeOf(key))];
    const referrer = object === null ? referrerOf(key, draft) : undefined;
    if (referrer !== undefined) yield [key, refusal.stillInUse(key, referrer, placeOf(key))];
  }
}

function referrerOf(key: string, draft: Draft): Stored | undefined {
  for (const from of draft.base.referrers(key)) {
    const referrer = draft.object(from);
    if (referrer !== undefined && referencesOf(referrer).includes(key)) return referrer;
  }
  return undefined;
}

/**
 * What another object has that this one would take: name-taken, address-taken.
 * @param touched the raw resources among what was touched
 */
export function ownershipFault(object: Stored, draft: Draft, touched: RawNames, at: refusal.Place): EnvoyageError | undefined {
  const own = keyOf(object);
  for (const claim of claimsOf(object)) {
    const makers = isRaw(object) ? makersOf(claim) : [];
    for (const key of [...draft.base.rawNames.of(claim), ...touched.of(claim), ...makers]) {
      const owner = key === own ? undefined : draft.object(key);
      if (owner !== undefined && claimsOf(owner).includes(claim) && groupsOverlap(owner, object)) return refusal.nameTaken(object, titleOf(key), at);
    }
    if (isRaw(object) && isBuiltIn(claim)) return refusal.nameTaken(object, 'the listener that every group has', at);
  }
  return isDeclared(object) && object.kind === 'Listener' ? addressFault(object, draft, at) : undefined;
}

function addressFault(listener: Listener, draft: Draft, at: refusal.Place): EnvoyageError | undefined {
  for (const other of draft.declared('Listener')) {
    if (other.kind !== 'Listener' || other.name === listener.name || !groupsOverlap(other, listener)) continue;
    if (sameSocket(other.address, listener.address)) return refusal.addressTaken(listener, other, at);
  }
  return undefined;
}

/** The same port on the same address, or on all of them. */
function sameSocket(a: string, b: string): boolean {
  const [one, two] = [parseHostPort(a, 0), parseHostPort(b, 0)];
  const all = (host: string): boolean => host === '0.0.0.0' || host === '::';
  return one.port === two.port && (one.host === two.host || all(one.host) || all(two.host));
}
