import { isDeclared, type Stored } from '../model/kinds.ts';
import { resourceNameOf } from '../model/raw.ts';
import { serviceName } from '../translator/names.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, type TypeUrl, VIRTUAL_HOST } from '../xds/types.ts';

/** What Envoy says of clusters and listeners, of which it takes the good ones: who is named begins a line or follows a comma. */
const NAMING = /^Error adding\/updating (?:cluster|listener)\(s\) /;

/**
 * Those of `names` that the message says were refused; undefined where it is no message that names all of them and nobody
 * else. One that merely mentions a name may speak of something that the culprit refers to.
 */
export function namedCulprits(message: string, names: readonly string[]): readonly string[] | undefined {
  if (!NAMING.test(message)) return undefined;
  const text = `\n${message.replace(NAMING, '')}`;
  const found = names.filter((name) => text.includes(`\n${name}: `) || text.includes(`, ${name}: `));
  return found.length === 0 ? undefined : found;
}

/** True where the object may have put something into one of the resources named, or shaped it. */
export function concerns(object: Stored, type: TypeUrl, names: ReadonlySet<string>): boolean {
  if (!isDeclared(object)) return serviceConcerns(object, type, names);
  switch (object.kind) {
    case 'Listener':
      return (type === LISTENER || type === ROUTES) && names.has(object.name);
    case 'Certificate':
      return (type === SECRET && names.has(object.name)) || type === LISTENER || type === CLUSTER;
    case 'Route':
      return type === ROUTES || type === VIRTUAL_HOST;
    case 'Raw':
      return object.type === type && names.has(resourceNameOf(object));
  }
}

function serviceConcerns(service: Extract<Stored, { id: string }>, type: TypeUrl, names: ReadonlySet<string>): boolean {
  const name = serviceName(service);
  switch (type) {
    case CLUSTER:
      return names.has(name) || [...names].some((each) => each.startsWith(`${name}/`));
    case ENDPOINTS:
      return names.has(name);
    case LISTENER:
      // What gRPC clients ask for: a host, with or without a port.
      return service.host !== undefined && [...names].some((each) => each.replace(/:\d+$/, '') === service.host);
    default:
      return type === ROUTES || type === VIRTUAL_HOST;
  }
}

/** The object that a resource is named after, which is the one to blame where the resource is; a part of a table is not. */
export function isNamedAfter(object: Stored, type: TypeUrl, name: string): boolean {
  const isOwn = type === CLUSTER || type === ENDPOINTS || type === LISTENER || type === SECRET || (isDeclared(object) && object.kind === 'Raw');
  if (isDeclared(object) && object.kind === 'Certificate' && type !== SECRET) return false;
  return isOwn && concerns(object, type, new Set([name]));
}

/** One resource of such a type holds what many objects say, so that a refusal of it holds up all of them. */
export function isTable(type: TypeUrl): boolean {
  return type === ROUTES;
}

/**
 * Those that the message seems to speak of: it repeats something that they say, such as a regular expression or an address,
 * the longest that any of them has in it. None where it repeats nothing, or something that all say.
 */
export function spokenOf(message: string, suspects: readonly { readonly key: string; readonly object: Stored | undefined }[]): readonly string[] {
  let longest = 0;
  let found: string[] = [];
  for (const { key, object } of suspects) {
    let length = 0;
    for (const text of texts(object)) if (text.length > length && message.includes(text)) length = text.length;
    if (length === 0 || length < longest) continue;
    if (length > longest) found = [];
    longest = length;
    found.push(key);
  }
  return found.length === suspects.length ? [] : found;
}

/** All that an object says, names of fields too: those of headers are what people chose. */
function* texts(value: unknown): Iterable<string> {
  if (typeof value === 'string') {
    yield value;
    // An address without its port is what Envoy calls malformed.
    const host = value.replace(/:\d+$/, '');
    if (host !== value) yield host;
  } else if (typeof value === 'number') yield String(value);
  else if (Array.isArray(value)) for (const each of value) yield* texts(each);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (SAID_BY_THE_REGISTRY.has(key)) continue;
      yield key;
      yield* texts(each);
    }
  }
}

const SAID_BY_THE_REGISTRY: ReadonlySet<string> = new Set([
  'revision',
  'createdAt',
  'updatedAt',
  'updatedBy',
  'origin',
  'provider',
  'kind',
  'groups',
  'labels',
]);
