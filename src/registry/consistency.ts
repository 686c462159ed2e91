import { parseHostPort } from '../lib/address.ts';
import { isDeclared, type Kind, keyOf, type Stored, titleOf } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import type { Raw } from '../model/raw.ts';
import { referencesOf } from '../model/references.ts';
import { groupsOverlap } from '../model/service.ts';
import * as refusal from './refusals.ts';
import type { Draft } from './state.ts';

/** The type of Envoy resource that an object of the kind becomes under its own name, as the end of its type URL. */
const MADE: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  Service: ['envoy.config.cluster.v3.Cluster', 'envoy.config.endpoint.v3.ClusterLoadAssignment'],
  Listener: ['envoy.config.listener.v3.Listener', 'envoy.config.route.v3.RouteConfiguration'],
  Certificate: ['envoy.extensions.transport_sockets.tls.v3.Secret'],
};

/**
 * What has to hold between objects, once all edits are in: what is referred to is there, names and addresses belong to one.
 * Costs what was touched.
 * @param placeOf where the edit of a key stands
 * @throws EnvoyageError reference-missing, still-in-use, name-taken, address-taken
 */
export function checkConsistency(draft: Draft, placeOf: (key: string) => refusal.Place): void {
  for (const [key, object] of draft.touched) {
    if (object === null) {
      mayGo(key, draft, placeOf(key));
      continue;
    }
    for (const target of referencesOf(object)) if (draft.object(target) === undefined) throw refusal.referenceMissing(object, target, draft, placeOf(key));
    ownsItsNames(object, draft, placeOf(key));
    if (isDeclared(object) && object.kind === 'Listener') ownsItsAddress(object, draft, placeOf(key));
  }
}

function mayGo(key: string, draft: Draft, at: refusal.Place): void {
  for (const from of draft.base.referrers(key)) {
    const referrer = draft.object(from);
    if (referrer !== undefined && referencesOf(referrer).includes(key)) throw refusal.stillInUse(key, referrer, at);
  }
}

function ownsItsNames(object: Stored, draft: Draft, at: refusal.Place): void {
  if (isDeclared(object) && object.kind === 'Raw') {
    for (const [kind, types] of Object.entries(MADE)) {
      const key = kind === 'Service' ? object.name : `${kind}/${object.name}`;
      const owner = types.includes(typeName(object)) ? draft.object(key) : undefined;
      if (owner !== undefined && groupsOverlap(owner, object)) throw refusal.nameTaken(object, titleOf(key), at);
    }
    return;
  }
  const kind = isDeclared(object) ? object.kind : 'Service';
  const raw = draft.object(`Raw/${isDeclared(object) ? object.name : object.id}`);
  if (raw === undefined || !isDeclared(raw) || raw.kind !== 'Raw' || !groupsOverlap(raw, object)) return;
  if (MADE[kind]?.includes(typeName(raw))) throw refusal.nameTaken(object, titleOf(keyOf(raw)), at);
}

function typeName({ type }: Raw): string {
  return type.slice(type.lastIndexOf('/') + 1);
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
