import { EnvoyageError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { durationMs } from '../model/duration.ts';
import { addressOf, type Endpoint } from '../model/endpoint.ts';
import type { Override } from '../model/provider-status.ts';
import type { StoredService } from '../model/service.ts';
import { parseOrThrow } from '../model/validation.ts';
import type { ApiPorts, ServicesPort } from './ports.ts';
import { type Request, type Route, route } from './route.ts';
import { clearQuery, OVERRIDE_FIELDS, overrideAnswers, overrideBody } from './schemas/overrides.ts';
import { noQuery, waitQuery } from './schemas.ts';
import type { ClearedOverrides, LaidOverride, OverrideList, Rollout, WrittenOverride } from './types.ts';

interface WaitQuery {
  readonly wait?: 'acked' | undefined;
  readonly timeout: number;
}

/** /api/v1/overrides: what people lay over services of providers. */
export function overrideRoutes({ services, rollout, providers }: Pick<ApiPorts, 'services' | 'rollout' | 'providers'>): Route[] {
  const waited = async ({ query, signal }: Request<WaitQuery>, revision: number): Promise<{ rollout?: Rollout }> =>
    query.wait === undefined ? {} : { rollout: await rollout.rollout(revision, { timeout: query.timeout * 1000, signal }) };

  return [
    route({
      method: 'GET',
      path: '/api/v1/overrides',
      operation: 'listOverrides',
      summary: 'Every override, whose it is, and whether it is in force.',
      query: noQuery,
      answers: { 200: { description: 'The overrides, by service and endpoint.', schema: overrideAnswers.list } },
      problems: [],
      handle: () => {
        const all = providers.overrides();
        const body: OverrideList = { overrides: all.map((each) => laid(services, all, each)), revision: services.revision };
        return { status: 200, body };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/overrides/{service}',
      operation: 'putOverride',
      summary: "Lays a weight or a state over an endpoint of a provider's service, or over all of its endpoints.",
      query: waitQuery,
      body: { schema: overrideBody, types: ['application/json'] },
      answers: { 200: { description: 'It is on disk, and in force.', schema: overrideAnswers.written } },
      problems: [400, 404, 409],
      handle: async (request) => {
        const { ttl, ...said } = parseOrThrow(overrideBody, request.body, OVERRIDE_FIELDS);
        const service = overridable(services, request.params['service'] ?? '', said.endpoint);
        const now = Date.now();
        const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
        const until = ttl === undefined ? {} : { until: new Date(now + durationMs(ttl)).toISOString() };
        const override: Override = { service: service.id, ...given, by: request.author, at: new Date(now).toISOString(), ...until };
        await providers.override(override);
        const { revision } = services;
        const body: WrittenOverride = { override: laid(services, providers.overrides(), override), revision, ...(await waited(request, revision)) };
        return { status: 200, body };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/overrides/{service}',
      operation: 'clearOverrides',
      summary: 'Takes an override away, or all of a service: what its provider says holds again.',
      query: waitQuery.extend(clearQuery.shape),
      answers: { 200: { description: 'They are gone, on disk.', schema: overrideAnswers.cleared } },
      problems: [400, 404],
      handle: async (request) => {
        const service = request.params['service'] ?? '';
        const { endpoint } = request.query;
        const all = providers.overrides();
        const cleared = all.filter((each) => each.service === service && (endpoint === undefined || each.endpoint === endpoint));
        if (cleared.length === 0) throw notLaid(all, service, endpoint);
        await providers.clearOverrides(cleared, request.author);
        const { revision } = services;
        const body: ClearedOverrides = { cleared, revision, ...(await waited(request, revision)) };
        return { status: 200, body };
      },
    }),
  ];
}

/** @throws EnvoyageError service-not-found, endpoint-not-found, owned-by-people */
function overridable(services: ServicesPort, id: string, endpoint: string | undefined): StoredService {
  const service = services.get(id);
  if (service === undefined) {
    const ids = (function* () {
      for (const each of services.list()) if (each.provider !== undefined) yield each.id;
    })();
    throw new EnvoyageError('service-not-found', `there is no service "${id.slice(0, 260)}"${didYouMean(id, ids)}`, { hint: 'envoyage get services' });
  }
  if (service.provider === undefined) {
    throw new EnvoyageError('owned-by-people', `service "${id}" comes from no provider, so it is changed itself`, { hint: `envoyage edit service ${id}` });
  }
  const addresses = service.endpoints.map(addressOf);
  if (endpoint !== undefined && !addresses.includes(endpoint)) {
    throw new EnvoyageError('endpoint-not-found', `service "${id}" has no endpoint "${endpoint}"${didYouMean(endpoint, addresses)}`, {
      hint: `envoyage get service ${id} -o yaml`,
    });
  }
  return service;
}

function notLaid(all: readonly Override[], service: string, endpoint: string | undefined): EnvoyageError {
  const ofService = all.filter((each) => each.service === service);
  const where = `service "${service.slice(0, 260)}"`;
  const message =
    endpoint === undefined || ofService.length === 0
      ? `${where} has no override${didYouMean(service, new Set(all.map((each) => each.service)))}`
      : `${where} has no override for "${endpoint}"${didYouMean(
          endpoint,
          ofService.flatMap((each) => each.endpoint ?? []),
        )}`;
  return new EnvoyageError('override-not-found', message, { hint: 'envoyage override lists them' });
}

/** With what became of it. @param all overrides that there are */
function laid(services: ServicesPort, all: readonly Override[], override: Override): LaidOverride {
  const service = services.get(override.service);
  const provider = service?.provider;
  if (service === undefined || provider === undefined) return { ...override, inForce: false };
  return { ...override, provider, inForce: isInForce(service.endpoints, override, all) };
}

/** Seen by what is wanted of Envoys now: a provider that has not spoken since the start cannot be laid over yet. */
function isInForce(endpoints: StoredService['endpoints'], override: Override, all: readonly Override[]): boolean {
  const concerned = endpoints.filter((each) => override.endpoint === undefined || addressOf(each) === override.endpoint);
  return concerned.length > 0 && concerned.every((each) => saysSo(each, override, narrower(each, override, all)));
}

/** What goes before one of all endpoints: the one of this endpoint. */
function narrower(endpoint: string | Endpoint, { service, endpoint: of }: Override, all: readonly Override[]): Override | undefined {
  return of === undefined ? all.find((each) => each.service === service && each.endpoint === addressOf(endpoint)) : undefined;
}

function saysSo(endpoint: string | Endpoint, { weight, state }: Override, narrow: Override | undefined): boolean {
  const now: Partial<Endpoint> = typeof endpoint === 'string' ? {} : endpoint;
  const isWeight = weight === undefined || narrow?.weight !== undefined || (now.weight ?? 1) === weight;
  const isState = state === undefined || narrow?.state !== undefined || (now.state ?? 'healthy') === state;
  return isWeight && isState;
}
