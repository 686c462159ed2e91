import { EnvoyageError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { keyOf } from '../model/kinds.ts';
import type { ProviderStatus } from '../model/provider-status.ts';
import type { ApiPorts, ProvidersPort } from './ports.ts';
import { type Request, type Route, route } from './route.ts';
import { detailQuery, providerAnswers } from './schemas/providers.ts';
import { noQuery, waitQuery } from './schemas.ts';
import type { ProviderDetail, ProviderDone, ProviderList } from './types.ts';

interface WaitQuery {
  readonly wait?: 'acked' | undefined;
  readonly timeout: number;
}

const PATH = '/api/v1/providers/discovery';

/** /api/v1/providers/discovery: how each provider is, and what can be done with it. */
export function providerRoutes({ services, rollout, providers }: Pick<ApiPorts, 'services' | 'rollout' | 'providers'>): Route[] {
  const done = async (name: string, { query, signal }: Request<WaitQuery>, since: number): Promise<{ status: 200; body: ProviderDone }> => {
    const revision = find(providers, name).revision ?? services.revision;
    const left = Math.max(0, query.timeout * 1000 - (performance.now() - since));
    const progress = query.wait === undefined ? {} : { rollout: await rollout.rollout(revision, { timeout: left, signal }) };
    return { status: 200, body: { provider: briefly(providers, name), revision: services.revision, ...progress } };
  };

  return [
    route({
      method: 'GET',
      path: PATH,
      operation: 'listProviders',
      summary: 'Every provider: what it reads, how it is, how many objects it has, and what is wrong with some.',
      query: noQuery,
      answers: { 200: { description: 'The providers, by name.', schema: providerAnswers.list } },
      problems: [],
      handle: () => {
        const body: ProviderList = { providers: providers.list(), overrides: providers.overrides().length, revision: services.revision };
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/{name}`,
      operation: 'getProvider',
      summary: 'One provider, with all its problems and the keys of its objects, a page at a time.',
      query: detailQuery,
      answers: { 200: { description: 'The provider.', schema: providerAnswers.detail } },
      problems: [400, 404],
      handle: ({ params, query: { limit, offset } }) => {
        const found = find(providers, params['name'] ?? '');
        const keys: string[] = [];
        for (const each of services.objects()) if (each.provider === found.name) keys.push(keyOf(each));
        const end = offset + limit;
        const body: ProviderDetail = {
          provider: { ...found, problems: found.problems.slice(offset, end) },
          keys: keys.slice(offset, end),
          next: end < Math.max(found.problems.length, keys.length) ? end : null,
          revision: services.revision,
        };
        return { status: 200, body };
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{name}/pause`,
      operation: 'pauseProvider',
      summary: 'Takes over nothing more from a provider until it is resumed, over restarts too; what it has declared stays.',
      query: noQuery,
      answers: { 200: { description: 'It is paused, on disk.', schema: providerAnswers.done } },
      problems: [404],
      handle: ({ params, author }) => {
        const { name } = find(providers, params['name'] ?? '');
        providers.pause(name, author);
        const body: ProviderDone = { provider: briefly(providers, name), revision: services.revision };
        return { status: 200, body };
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{name}/resume`,
      operation: 'resumeProvider',
      summary: 'Ends the pause of a provider: what it published meanwhile is taken over.',
      query: waitQuery,
      answers: { 200: { description: 'It goes on.', schema: providerAnswers.done } },
      problems: [404],
      handle: async (request) => {
        const since = performance.now();
        const { name } = find(providers, request.params['name'] ?? '');
        await providers.resume(name, request.author);
        return done(name, request, since);
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{name}/resync`,
      operation: 'resyncProvider',
      summary: 'Has a provider read its source anew, though nothing seems to have changed.',
      query: waitQuery,
      answers: { 200: { description: 'It reads; or, with `?wait=acked`, has read.', schema: providerAnswers.done } },
      problems: [404],
      handle: async (request) => {
        const since = performance.now();
        const { wait, timeout } = request.query;
        const { name } = find(providers, request.params['name'] ?? '');
        if (wait === undefined) {
          await providers.resync(name, request.author);
          return done(name, request, since);
        }
        const synced = await providers.resync(name, request.author, { timeout: timeout * 1000, signal: request.signal });
        const { status, body } = await done(name, request, since);
        return { status, body: { ...body, synced } };
      },
    }),
  ];
}

/** With all its problems. */
function find(providers: ProvidersPort, name: string): ProviderStatus {
  const found = providers.get(name);
  if (found !== undefined) return found;
  const names = providers.list().map((each) => each.name);
  const none = names.length === 0 ? '; there are none' : didYouMean(name, names);
  throw new EnvoyageError('provider-not-found', `there is no provider "${name.slice(0, 128)}"${none}`, { hint: 'envoyage providers' });
}

/** With the first of its problems. */
function briefly(providers: ProvidersPort, name: string): ProviderStatus {
  return providers.list().find((each) => each.name === name) ?? find(providers, name);
}
