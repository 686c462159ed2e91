import { EnvoyageError } from '../lib/errors.ts';
import { LIMITS, SERVICE_FIELDS, type Service, serviceSchema } from '../model/service.ts';
import { parseOrThrow } from '../model/validation.ts';

/**
 * The services of a POST: one or a list of them.
 * @throws EnvoyageError invalid-request
 */
export function readServices(body: unknown): Service[] {
  if (!Array.isArray(body)) return [parseOrThrow(serviceSchema, body, SERVICE_FIELDS)];
  if (body.length === 0) throw wholeList('the list is empty');
  if (body.length > LIMITS.servicesPerRequest) throw wholeList(`the list has ${body.length} services; at most ${LIMITS.servicesPerRequest} at once`);
  return parseOrThrow(serviceSchema.array(), body, SERVICE_FIELDS);
}

/**
 * A service whose id the URL says.
 * @throws EnvoyageError invalid-request
 */
export function readService(id: string, body: unknown): Service {
  const named = typeof body === 'object' && body !== null && !Array.isArray(body) && !Object.hasOwn(body, 'id') ? { ...body, id } : body;
  const service = parseOrThrow(serviceSchema, named, SERVICE_FIELDS);
  if (service.id !== id) {
    throw new EnvoyageError('invalid-request', `the id "${service.id}" is not the one of the URL, "${id}"`, {
      errors: [{ field: '/id', message: 'does not match the URL; a service cannot be renamed' }],
    });
  }
  return service;
}

/** What a commit of services threw: it does not know a list of one from a single service, and its pointers say so. */
export function pointedInto(body: unknown, thrown: unknown): unknown {
  if (!Array.isArray(body) || body.length !== 1 || !(thrown instanceof EnvoyageError)) return thrown;
  const { code, message, hint, cause } = thrown;
  return new EnvoyageError(code, message, { hint, cause, errors: thrown.errors.map((error) => ({ ...error, field: `/0${error.field}` })) });
}

function wholeList(message: string): EnvoyageError {
  return new EnvoyageError('invalid-request', message, { errors: [{ field: '', message }] });
}
