import { z } from 'zod';
import { EnvoyageError } from '../lib/errors.ts';
import { isGrpcAgent } from '../model/agent.ts';
import { groupSchema } from '../model/common-schema.ts';
import { behaviourOf } from '../model/envoy-behaviour.ts';
import { explain } from '../model/explain.ts';
import type { Listener } from '../model/listener.ts';
import { DEFAULT_GROUP } from '../model/placement.ts';
import { BUILT_IN_LISTENER } from '../model/references.ts';
import { sentRequest } from '../model/request-url.ts';
import type { SentRequest } from '../model/seen-request.ts';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import type { ExplainAnswer, Node } from './types.ts';

const MOST_HEADERS = 100;
const headerText = z.string({ error: 'a header must be text, as in "X-Version: 2"' });

const query = z.strictObject({
  url: z.string({ error: 'url must be one URL' }).meta({ description: 'What is asked for: `https://web.example.com/api?page=2`.' }),
  method: z
    .string({ error: 'method must be one method' })
    .regex(/^[A-Za-z-]{1,32}$/, { error: 'method must be a method, as in GET' })
    .default('GET'),
  header: z
    .union([headerText.transform((one) => [one]), z.array(headerText).max(MOST_HEADERS, { error: `header may be there ${MOST_HEADERS} times` })])
    .default([])
    .meta({ description: '`Name: value`; may be there several times.' }),
  group: groupSchema.default(DEFAULT_GROUP).meta({ description: 'Of the Envoys that are asked.' }),
  envoy: z
    .string()
    .regex(/^\d{1,4}\.\d{1,4}(\.\d{1,4})?$/, { error: 'envoy must be a version, as in 1.40.0' })
    .optional()
    .meta({ description: 'The version of Envoy; the oldest that is connected in the group unless given.' }),
});

const place = z.object({ name: z.string(), match: z.number() });

const answer = z
  .object({
    group: z.string(),
    envoy: z.string().nullable().meta({ description: 'The version of Envoy that this holds for; null where none is connected: the newest.' }),
    revision: z.number(),
    outcome: z.enum(['services', 'redirect', 'respond', 'refused', 'no-listener', 'no-host', 'no-route', 'no-service']),
    status: z.number().optional(),
    because: z.string().optional(),
    request: z.object({ method: z.string(), scheme: z.string(), host: z.string(), path: z.string() }),
    listener: z.object({ name: z.string(), address: z.string(), protocol: z.string(), note: z.string().optional() }).nullable(),
    host: z.string().nullable(),
    route: place.extend({ origin: z.string().optional(), provider: z.string().optional() }).nullable(),
    services: z.array(z.object({ id: z.string(), provider: z.string().optional(), share: z.number(), endpoints: z.array(z.string()) })),
    missing: z.array(z.string()),
    rewrite: z.object({ path: z.string().optional(), host: z.string().optional() }).optional(),
    location: z.string().optional(),
    body: z.string().optional(),
    others: z.array(z.object({ route: z.string(), match: z.number(), because: z.string() })),
  })
  .meta({ id: 'Explanation' });

/** What happens to a request, told from what is wanted: no Envoy is asked. */
export function explainRoutes({ services, rollout, info }: Pick<ApiPorts, 'services' | 'rollout' | 'info'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/explain',
      operation: 'explain',
      summary: 'Which listener, route, service and endpoints a request meets, and why nothing else.',
      query,
      answers: { 200: { description: 'What happens to it.', schema: answer } },
      problems: [400],
      handle: ({ query: { url, method, header, group, envoy } }) => {
        const sent = requestOf(url, method, header);
        const version = envoy ?? oldestOf(rollout.nodes(), group);
        const { listeners } = info();
        const address = listeners[group] ?? listeners[DEFAULT_GROUP] ?? '0.0.0.0:0';
        const builtIn: Listener = { kind: 'Listener', name: BUILT_IN_LISTENER, address, protocol: 'http' };
        const explanation = explain({ objects: services.objects(), group, builtIn, envoy: behaviourOf(version ?? '') }, sent);
        const body: ExplainAnswer = { ...explanation, envoy: version ?? null, revision: services.revision };
        return { status: 200, body };
      },
    }),
  ];
}

function requestOf(url: string, method: string, headers: readonly string[]): SentRequest {
  try {
    return sentRequest(url, method, headers);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const what = message.includes('header') || message.includes('control') ? 'a part of the request' : `the URL ${JSON.stringify(url.slice(0, 80))}`;
    throw new EnvoyageError('invalid-request', `${what} ${message}`, { hint: "write it as in envoyage explain https://web.example.com/api -H 'X-Version: 2'" });
  }
}

/** Of those that are connected; `envoy 1.36.2`. */
function oldestOf(nodes: readonly Node[], group: string): string | undefined {
  const versions = nodes
    .filter((node) => node.group === group && node.connected && !isGrpcAgent(node.agent))
    .flatMap(({ agent }) => /\d+\.\d+(?:\.\d+)?/.exec(agent) ?? []);
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0];
}
