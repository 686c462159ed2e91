import { isDeepStrictEqual } from 'node:util';
import { EnvoyageError, type FieldError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { addressOf, describeEndpoint } from '../model/endpoint.ts';
import { isDeclared, keyOf, kindOf, nameOf, type Stored, titleOf, type Wish } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import { pointerTo } from '../model/references.ts';
import type { Service, StoredService } from '../model/service.ts';
import type { Draft } from './state.ts';

/** Where an edit stands in its commit. */
export interface Place {
  readonly index: number;
  readonly of: number;
}

/** At most this many endpoints are shown in a message; a service may have a thousand. */
const SHOWN_ENDPOINTS = 3;

/** At most this many ids are compared for "did you mean": some 40 ms, in which nothing else is answered. */
const COMPARED_IDS = 10_000;

/** @param twin the index of the edit in the same commit that made the service, where one did */
export function exists(current: Service, wish: Service, twin: number | undefined, at: Place): EnvoyageError {
  const field = wish.id === wish.host ? 'host' : 'id';
  if (twin !== undefined) {
    const message = `${name(wish)} is in the list twice, at ${twin} and at ${at.index}`;
    return new EnvoyageError('service-exists', message, { hint: 'leave one of the two out', errors: faults(at, field, message) });
  }
  const message = `${name(current)} exists already, and leads to ${endpoints(current)}`;
  const same = isDeepStrictEqual(current.endpoints, wish.endpoints);
  const hint = same ? 'nothing needs to be done for it to lead there; envoyage status shows it' : switchCommand(current.id, wish);
  return new EnvoyageError('service-exists', message, { hint, errors: faults(at, field, message) });
}

/** @param twin the index of the edit in the same commit that wrote the other service, where one did */
export function hostTaken(wish: Service, rival: StoredService, twin: number | undefined, at: Place): EnvoyageError {
  const shared = wish.groups?.find((group) => rival.groups?.includes(group)) ?? (wish.groups ?? rival.groups)?.[0];
  const forGroup = shared === undefined ? '' : ` for group "${shared}"`;
  const where = twin === undefined ? '' : `, which is in the same list at ${twin}`;
  const message = `the host ${wish.host} belongs to service "${rival.id}" already${forGroup}${where}; it leads to ${endpoints(rival)}`;
  const apart = 'groups that have no Envoy in common';
  const hint =
    twin !== undefined
      ? `leave one of the two out, or give them ${apart}`
      : rival.provider === undefined
        ? `${switchCommand(rival.id, wish)} — or give the two services ${apart}`
        : `take it away from there (${placeOf(rival)}), or give the two services ${apart}`;
  return new EnvoyageError('host-taken', message, { hint, errors: faults(at, 'host', message) });
}

/** @param current what a provider declares, and somebody else would change */
export function ownedByProvider(key: string, current: Stored, at: Place): EnvoyageError {
  const message = `${titleOf(key)} comes from ${placeOf(current)}: it is changed there`;
  const over = isDeclared(current) ? '' : `; envoyage override ${key} --drain takes its endpoints out meanwhile`;
  return new EnvoyageError('owned-by-provider', message, {
    hint: `change it where it comes from, or use another name${over}`,
    errors: at.of > 1 ? faults(at, isDeclared(current) ? 'name' : 'id', message) : [],
  });
}

/** @param current what people own, and a provider declares as well */
export function ownedByPeople(key: string, current: Stored): EnvoyageError {
  const message = `${titleOf(key)} is there already: ${current.updatedBy} made it, and what people make goes before what providers declare`;
  return new EnvoyageError('shadowed', message, {
    hint: `envoyage delete ${kindOf(current).toLowerCase()} ${nameOf(current)} leaves it to the provider; or give one of the two another name`,
  });
}

/** `docker, container web-1`: for people. */
function placeOf({ provider, origin }: Stored): string {
  const name = `provider "${provider}"`;
  return origin === undefined ? name : `${name}, ${shorten(origin)}`;
}

export function notFound(id: string, draft: Draft, at: Place): EnvoyageError {
  const byHost = draft.hosts.anyOn(id);
  const meant = byHost === undefined ? didYouMean(id, ofLikeLength(id, draft)) : ` (its host is that of service "${byHost}")`;
  const message = `there is no service "${shorten(id)}"${meant}`;
  return new EnvoyageError('service-not-found', message, { hint: 'envoyage status', errors: at.of > 1 ? faults(at, 'id', message) : [] });
}

/** @throws EnvoyageError precondition-failed where `expect` is given and is not the revision that the object has */
export function unlessExpected(key: string, current: Stored | undefined, expect: number | undefined, at: Place): void {
  if (expect === undefined || current?.revision === expect) return;
  const now = current === undefined ? 'is gone' : `is at revision ${current.revision} now`;
  const message = `${titleOf(key)} ${now}, not at revision ${expect}: it changed in the meantime`;
  const hint =
    current === undefined
      ? 'send the change without a revision to make it anew'
      : 'read it again, look at what changed, and send the change with the new revision';
  throw new EnvoyageError('precondition-failed', message, { hint, errors: at.of > 1 ? faults(at, 'id', message) : [] });
}

export function idChanged(id: string, wanted: string, at: Place): EnvoyageError {
  const message = `the id of service "${id}" cannot change (to "${shorten(wanted)}")`;
  return new EnvoyageError('invalid-request', message, { hint: 'remove the service and add it under the other id', errors: faults(at, 'id', message) });
}

export function objectNotFound(key: string, at: Place): EnvoyageError {
  const message = `there is no ${shorten(titleOf(key))}`;
  return new EnvoyageError('object-not-found', message, { hint: 'envoyage get lists what there is', errors: at.of > 1 ? faults(at, 'name', message) : [] });
}

export function referenceMissing(wish: Wish, target: string, draft: Draft, at: Place): EnvoyageError {
  const meant = target.includes('/') ? '' : didYouMean(target, ofLikeLength(target, draft));
  const message = `${titleOf(keyOf(wish))} refers to ${titleOf(target)}, which is not there${meant}`;
  const hint = `declare ${titleOf(target)} as well, in the same apply or before`;
  return new EnvoyageError('reference-missing', message, { hint, errors: faults(at, pointerTo(wish, target).slice(1), message) });
}

export function stillInUse(key: string, by: Wish, at: Place): EnvoyageError {
  const message = `${titleOf(key)} cannot go: ${titleOf(keyOf(by))} refers to it`;
  const hint = `change or remove ${titleOf(keyOf(by))} first, or in the same apply`;
  return new EnvoyageError('still-in-use', message, { hint, errors: at.of > 1 ? faults(at, 'name', message) : [] });
}

/** @param owner whose the name is, for people */
export function nameTaken(wish: Wish, owner: string, at: Place): EnvoyageError {
  const message = `${titleOf(keyOf(wish))} would make an Envoy resource of the same name as ${owner}`;
  return new EnvoyageError('name-taken', message, {
    hint: 'give one of the two another name, or groups that have no Envoy in common',
    errors: faults(at, isDeclared(wish) ? 'name' : 'id', message),
  });
}

export function addressTaken(wish: Listener, owner: Listener, at: Place): EnvoyageError {
  const message = `the address ${wish.address} belongs to listener "${owner.name}" (${owner.address}) already`;
  return new EnvoyageError('address-taken', message, {
    hint: 'give one of the two another port, or groups that have no Envoy in common',
    errors: faults(at, 'address', message),
  });
}

/** A JSON pointer into what was sent: the object, or the list of them. */
function faults(at: Place, field: string, message: string): FieldError[] {
  return [{ field: at.of > 1 ? `/${at.index}/${field}` : `/${field}`, message }];
}

function name(service: Service): string {
  return service.id === service.host ? service.id : `service "${service.id}" (${service.host})`;
}

function endpoints(service: Service): string {
  const more = service.endpoints.length - SHOWN_ENDPOINTS;
  return service.endpoints.slice(0, SHOWN_ENDPOINTS).map(describeEndpoint).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function switchCommand(id: string, wish: Service): string {
  const more = wish.endpoints.length > SHOWN_ENDPOINTS ? ' …' : '';
  return `envoyage switch ${id} ${wish.endpoints.slice(0, SHOWN_ENDPOINTS).map(addressOf).join(' ')}${more}`;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The ids that can be near at all: a word's length differs by no more than the edits that lead to it (`nearest` allows a third). */
function* ofLikeLength(id: string, draft: Draft): Iterable<string> {
  const most = Math.max(1, Math.floor(id.length / 3));
  let left = COMPARED_IDS;
  for (const known of draft.base.ids()) {
    const like = Math.abs(known.length - id.length) <= most || known.startsWith(id);
    if (!like || draft.get(known) === undefined) continue;
    yield known;
    if (--left === 0) return;
  }
}
