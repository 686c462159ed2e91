import { parseHostPort } from '../lib/address.ts';
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
  for (const [key, object] of draft.touched) {
    if (object === null) {
      mayGo(key, draft, placeOf(key));
      continue;
    }
    for (const target of referencesOf(object)) if (draft.object(target) === undefined) throw refusal.referenceMissing(object, target, draft, placeOf(key));
    ownsItsNames(object, draft, raws, placeOf(key));
    if (isDeclared(object) && object.kind === 'Listener') ownsItsAddress(object, draft, placeOf(key));
  }
}

function mayGo(key: string, draft: Draft, at: refusal.Place): void {
  for (const from of draft.base.referrers(key)) {
    const referrer = draft.object(from);
    if (referrer !== undefined && referencesOf(referrer).includes(key)) throw refusal.stillInUse(key, referrer, at);
  }
}

/** @param touched the raw resources among what was touched */
function ownsItsNames(object: Stored, draft: Draft, touched: RawNames, at: refusal.Place): void {
  const own = keyOf(object);
  for (const claim of claimsOf(object)) {
    const makers = isRaw(object) ? makersOf(claim) : [];
    for (const key of [...draft.base.rawNames.of(claim), ...touched.of(claim), ...makers]) {
      const owner = key === own ? undefined : draft.object(key);
      if (owner !== undefined && claimsOf(owner).includes(claim) && groupsOverlap(owner, object)) throw refusal.nameTaken(object, titleOf(key), at);
    }
    if (isRaw(object) && isBuiltIn(claim)) throw refusal.nameTaken(object, 'the listener that every group has', at);
  }
}

function ownsItsAddress(listener: Listener, draft: Draft, at: refusal.Place): void {
  for (const other of draft.declared('Listener')) {
    if (other.kind !== 'Listener' || other.name === listener.name || !groupsOverlap(other, listener)) continue;
    if (sameSocket(other.address, listener.address)) throw refusal.addressTaken(listener, other, at);
  }
}

/** The same port on the same address, or on all of them. */
function sameSocket(a: string, b: string): boolean {
  const [one, two] = [parseHostPort(a, 0), parseHostPort(b, 0)];
  const all = (host: string): boolean => host === '0.0.0.0' || host === '::';
  return one.port === two.port && (one.host === two.host || all(one.host) || all(two.host));
}
