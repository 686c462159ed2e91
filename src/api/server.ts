import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { toProblem } from '../lib/problem.ts';
import { didYouMean } from '../lib/nearest.ts';
import { fleetRoutes } from './fleet.ts';
import { type GuardOptions, guard } from './guard.ts';
import { healthRoutes } from './health.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import type { ApiPorts } from './ports.ts';
import { parseQuery, type Route, route } from './route.ts';
import { noQuery } from './schemas.ts';
import { serviceRoutes } from './services.ts';

export interface ApiOptions extends GuardOptions {
  readonly address: HostPort;
  /** PEM; without it the server speaks plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly maxBodyBytes: number;
  /** Called with what went wrong inside. */
  onInternalError(error: EnvoyageError, request: { method: string; url: string }): void;
}

export interface ApiServer {
  readonly address: HostPort;
  close(): Promise<void>;
}

/** All operations, for the server and for the OpenAPI document. */
export function apiRoutes(ports: ApiPorts, metrics: Metrics): Route[] {
  const routes: Route[] = [...serviceRoutes(ports), ...fleetRoutes(ports), ...healthRoutes(ports, metrics)];
  routes.push(
    route({
      method: 'GET',
      path: '/openapi.json',
      operation: 'openapi',
      summary: 'This document.',
      query: noQuery,
      answers: { 200: { description: 'The OpenAPI document.', type: 'application/json' } },
      problems: [],
      handle: () => ({ status: 200, body: openapi(routes, ports.info().version) }),
    }),
  );
  return routes;
}

/** @throws EnvoyageError address-in-use, address-unavailable */
export async function startApi(ports: ApiPorts, options: ApiOptions): Promise<ApiServer> {
  const metrics = createMetrics(ports);
  const routes = apiRoutes(ports, metrics);
  const app = fastify({
    bodyLimit: options.maxBodyBytes,
    routerOptions: { maxParamLength: 512 },
    forceCloseConnections: true,
    ...(options.tls === undefined ? {} : { https: { ...options.tls, minVersion: 'TLSv1.2' as const } }),
  }) as unknown as FastifyInstance;

  app.addHook('onRequest', async (request) => {
    const { headers, url } = request;
    guard({ host: headers.host, origin: headers.origin, authorization: headers.authorization, path: url.split('?')[0] ?? '' }, options);
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.request(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1000);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', 'application/merge-patch+json'], { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = asError(thrown, options);
    if (error.code === 'internal') options.onInternalError(error, { method: request.method, url: request.url });
    sendProblem(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = routes.filter((each) => matches(each.path, path)).map(({ method }) => method);
    const detail = methods.length > 0 ? `${path} takes ${methods.join(', ')}, not ${request.method}` : `there is nothing at ${path.slice(0, 200)}${didYouMean(path, routes.map((each) => each.path))}`;
    sendProblem(reply, new EnvoyageError('not-found', detail, { hint: 'GET /openapi.json lists what there is' }));
  });
  for (const each of routes) {
    app.route({ method: each.method, url: each.path.replace(/\{(\w+)\}/g, ':$1'), handler: (request, reply) => handle(each, request, reply) });
  }
  const port = await listen(app, options.address);
  return { address: { host: options.address.host, port }, close: () => app.close() };
}

async function handle(each: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  const { status, body, headers } = await each.handle({
    params: request.params as Record<string, string>,
    query: parseQuery(each, request.query),
    body: each.body === undefined ? undefined : readJson(request.body),
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    author: authorOf(request),
    signal: gone.signal,
  });
  void reply.code(status).headers(headers ?? {});
  if (body === undefined) return reply.send();
  if (typeof body === 'string') return reply.send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function readJson(body: unknown): unknown {
  if (typeof body !== 'string') throw new EnvoyageError('unsupported-media-type', 'the body must be JSON', { hint: 'send it with Content-Type: application/json' });
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new EnvoyageError('invalid-json', `the body is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function authorOf({ headers, ip }: FastifyRequest): string {
  const given = headers['x-envoyage-author'];
  if (typeof given === 'string' && /^[\x20-\x7e]{1,128}$/.test(given)) return given;
  return `api@${ip}`;
}

function asError(thrown: unknown, { maxBodyBytes }: ApiOptions): EnvoyageError {
  switch (systemCode(thrown)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new EnvoyageError('body-too-large', `the body is larger than ${maxBodyBytes} bytes`, { hint: 'send fewer services at once, or start with --max-body-bytes BYTES' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new EnvoyageError('unsupported-media-type', 'the body must be JSON', { hint: 'send it with Content-Type: application/json' });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return new EnvoyageError('invalid-request', thrown instanceof Error ? thrown.message : 'the request is malformed');
    default:
      return EnvoyageError.from(thrown);
  }
}

function sendProblem(reply: FastifyReply, error: EnvoyageError): void {
  const problem = error.code === 'internal' ? { ...toProblem(error), detail: 'see the log of the daemon' } : toProblem(error);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
}

async function listen(app: FastifyInstance, address: HostPort): Promise<number> {
  const text = formatHostPort(address);
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    await app.close();
    const inUse = systemCode(cause) === 'EADDRINUSE';
    throw new EnvoyageError(inUse ? 'address-in-use' : 'address-unavailable', `cannot serve the HTTP API on ${text}: ${inUse ? 'the port is in use' : cause instanceof Error ? cause.message : String(cause)}`, {
      hint: inUse ? `see who has it: ss -ltnp 'sport = :${address.port}'; or choose another: envoyage serve --http-address ${formatHostPort({ ...address, port: address.port + 1 })}` : 'choose another address: envoyage serve --http-address HOST:PORT',
      cause,
    });
  }
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}
