import type { z } from 'zod';
import { EnvoyageError, type FieldError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { CERTIFICATE_FIELDS, certificateSchema } from './certificate-schema.ts';
import { KINDS, type Kind, type Wish } from './kinds.ts';
import { LISTENER_FIELDS, listenerSchema } from './listener-schema.ts';
import { RAW_FIELDS, rawSchema } from './raw-schema.ts';
import { ROUTE_FIELDS, routeSchema } from './route-schema.ts';
import { SERVICE_FIELDS, serviceSchema } from './service.ts';
import { parseOrThrow } from './validation.ts';

/** How objects of one kind are read: the schema, and the fields that "did you mean" chooses from. */
export interface KindSchema {
  readonly schema: z.ZodType<Wish>;
  readonly fields: readonly string[];
}

/** By kind. */
export const SCHEMAS: Readonly<Record<Kind, KindSchema>> = {
  Certificate: { schema: certificateSchema, fields: CERTIFICATE_FIELDS },
  Service: { schema: serviceSchema, fields: SERVICE_FIELDS },
  Listener: { schema: listenerSchema, fields: LISTENER_FIELDS },
  Route: { schema: routeSchema, fields: ROUTE_FIELDS },
  Raw: { schema: rawSchema, fields: RAW_FIELDS },
};

/** What the registry adds. It is accepted, so that what was read can be sent back, and passed over. */
const BOOKKEEPING = ['revision', 'createdAt', 'updatedAt', 'updatedBy', 'origin', 'provider'];

const EXAMPLE = 'kind: Service, with a name and endpoints';

/**
 * Reads one object as people declare it: `kind` says which schema it is held against, and `name` what it is called. A service
 * may leave out `kind` and name itself by `id`, or by its host alone.
 * @throws EnvoyageError invalid-request; `errors` point into the object
 */
export function parseWish(value: unknown): Wish {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('', `an object must be a map of fields, as in ${EXAMPLE}`);
  const fields = Object.fromEntries(Object.entries(value).filter(([name]) => !BOOKKEEPING.includes(name)));
  const kind = kindIn(fields);
  const known = SCHEMAS[kind];
  if (kind !== 'Service') return parseOrThrow(known.schema, fields, known.fields);
  return parseService(known, fields);
}

function kindIn(fields: Readonly<Record<string, unknown>>): Kind {
  const { kind } = fields;
  if (kind === undefined && ('endpoints' in fields || 'host' in fields)) return 'Service';
  const choice = `it is one of ${KINDS.join(', ')}`;
  if (kind === undefined) throw refused('', `the kind is missing: ${choice}`);
  if (typeof kind !== 'string') throw refused('/kind', `the kind must be a string: ${choice}`);
  const found = KINDS.find((each) => each === kind);
  if (found === undefined) throw refused('/kind', `there is no kind "${kind.slice(0, 80)}"${didYouMean(kind, KINDS)}: ${choice}`);
  return found;
}

/** A service that says its kind has a name, which is its id; one that does not has an id, or goes by its host. */
function parseService({ schema, fields: known }: KindSchema, { kind, name, ...fields }: Readonly<Record<string, unknown>>): Wish {
  if (kind === undefined && name !== undefined) throw refused('/name', 'unknown field "name": say kind: Service with it, or call it "id"');
  if (name === undefined) {
    if (kind !== undefined && fields['id'] === undefined && fields['host'] === undefined) throw refused('', '"name" is missing');
    return parseOrThrow(schema, fields, known);
  }
  if (fields['id'] !== undefined && fields['id'] !== name) throw refused('/id', 'the id of a service is its name; leave one of the two out');
  try {
    return parseOrThrow(schema, { ...fields, id: name }, [...known, 'kind', 'name']);
  } catch (thrown) {
    throw calledName(thrown);
  }
}

/** The fault of an id, where people wrote it as a name. */
function calledName(thrown: unknown): unknown {
  if (!(thrown instanceof EnvoyageError)) return thrown;
  const errors = thrown.errors.map(
    ({ field, message }): FieldError => (field === '/id' ? { field: '/name', message: message.replace(/^the id\b/, 'the name') } : { field, message }),
  );
  const message = errors.map((each) => (each.field === '' ? each.message : `${each.field}: ${each.message}`)).join('; ');
  return new EnvoyageError(thrown.code, message, { hint: thrown.hint, errors, cause: thrown });
}

function refused(field: string, message: string): EnvoyageError {
  return new EnvoyageError('invalid-request', field === '' ? message : `${field}: ${message}`, { errors: [{ field, message }] });
}

/** An object as people declare it, `kind` and `name` first, without what the registry adds: what `parseWish` takes back. */
export function documentOf(wish: Wish): Readonly<Record<string, unknown>> {
  const fields = Object.entries(wish).filter(([name, value]) => value !== undefined && !BOOKKEEPING.includes(name));
  const { kind = 'Service', name, id, ...rest } = Object.fromEntries(fields) as Record<string, unknown>;
  return { kind, name: name ?? id, ...rest };
}
