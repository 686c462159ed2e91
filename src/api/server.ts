import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { NO_TRACER, type Tracer } from '../lib/tracer.ts';
import { asError, notRouted, sendProblem, unreadable } from './faults.ts';
import { type GuardOptions, guard } from './guard.ts';
import { handle, handleSocket } from './handle.ts';
import { InFlight } from './in-flight.ts';
import { createMetrics } from './metrics.ts';
import type { ApiPorts } from './ports.ts';
import { apiRoutes } from './routes.ts';
import { traceRequests } from './trace.ts';

export interface ApiOptions extends GuardOptions {
  /** PEM; without it the server speaks plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly maxBodyBytes: number;
  readonly tracer?: Tracer;
  /** Called with what went wrong inside. */
  onInternalError(error: EnvoyageError, request: { method: string; url: string }): void;
}

export interface ApiServer {
  readonly address: HostPort;
  /** Answers those who wait for Envoys, lets requests end for a second, and closes every connection. */
  close(): Promise<void>;
}

/** How long requests may take to end once the server is to close, milliseconds. */
const GRACE_MS = 1000;

/** How long a request may take to arrive, milliseconds; Node's own default, which fastify turns off. */
const ARRIVAL_MS = 300_000;

/** What is read at all; each route says what it takes. */
const BODY_TYPES = ['application/json', 'application/merge-patch+json', 'application/yaml', 'application/x-yaml', 'text/yaml'];

/** @throws EnvoyageError address-in-use, address-unavailable */
export async function startApi(ports: ApiPorts, options: ApiOptions): Promise<ApiServer> {
  const metrics = createMetrics(ports);
  const routes = apiRoutes(ports, metrics);
  const closing = new AbortController();
  const inFlight = new InFlight();

  const fail = (thrown: unknown, { method, url, routeOptions: { bodyLimit } }: FastifyRequest, reply: FastifyReply): void => {
    const error = asError(thrown, bodyLimit ?? options.maxBodyBytes);
    if (error.code === 'internal') options.onInternalError(error, { method, url });
    // Cut off while it is still sending, a client would see a broken connection and not the answer; so the rest is passed over.
    if (error.code === 'body-too-large') void reply.removeHeader('connection');
    sendProblem(reply, error);
  };
  const admit = ({ method, headers, url }: FastifyRequest): void => {
    guard({ method, host: headers.host, origin: headers.origin, authorization: headers.authorization, path: url.split('?')[0] ?? '' }, options);
  };
  const app = fastify({
    bodyLimit: options.maxBodyBytes,
    requestTimeout: ARRIVAL_MS,
    // The head of a request is bounded as a whole; too long an id is one that is not there.
    routerOptions: { maxParamLength: 1 << 20 },
    forceCloseConnections: true,
    return503OnClosing: false,
    // Meets what has no route, and so comes past the hooks.
    frameworkErrors: (thrown, request, reply) => {
      try {
        admit(request);
        fail(thrown, request, reply);
      } catch (refused) {
        fail(refused, request, reply);
      }
    },
    clientErrorHandler: (thrown, socket) => {
      if (systemCode(thrown) !== 'ECONNRESET' && socket.writable) socket.write(unreadable(thrown));
      socket.destroy();
    },
    ...(options.tls === undefined ? {} : { https: { ...options.tls, minVersion: 'TLSv1.2' as const } }),
  }) as unknown as FastifyInstance;

  // Before the guard, so that it ends the connections of those who are turned away. Whoever listens has nothing to say.
  await app.register(websocket, { options: { maxPayload: 1024 } });
  app.addHook('onRequest', async (request, reply) => {
    inFlight.add(reply.raw);
    admit(request);
    if (!request.is404) return;
    const { allow, error } = notRouted(routes, request.method, request.url);
    if (allow.length > 0) void reply.header('allow', allow.join(', '));
    throw error;
  });
  // After the guard: who is turned away makes no traces.
  const within = traceRequests(app, options.tracer ?? NO_TRACER);
  app.addHook('onSend', async (_request, reply) => {
    if (closing.signal.aborted) void reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url?.replace(/:(\w+)/g, '{$1}') ?? 'unknown';
    metrics.request(request.method, path, reply.statusCode, reply.elapsedTime / 1000);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...BODY_TYPES], { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(fail);
  for (const each of routes) {
    app.route({
      method: each.method,
      url: each.path.replace(/\{(\w+)\}/g, ':$1'),
      bodyLimit: Math.min(each.body?.mostBytes ?? Number.POSITIVE_INFINITY, options.maxBodyBytes),
      handler: (request, reply) => within(request, () => handle(each, request, reply, closing.signal)),
      ...(each.socket === undefined ? {} : { wsHandler: (socket, request) => handleSocket(each, request, socket, closing.signal) }),
    });
  }
  const port = await listen(app, options.address);
  return {
    address: { host: options.address.host, port },
    async close() {
      closing.abort();
      await inFlight.ended(GRACE_MS);
      await app.close();
    },
  };
}

async function listen(app: FastifyInstance, address: HostPort): Promise<number> {
  const text = formatHostPort(address);
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    await app.close();
    const inUse = systemCode(cause) === 'EADDRINUSE';
    const another = formatHostPort({ ...address, port: address.port === 65535 ? 8080 : address.port + 1 });
    throw new EnvoyageError(
      inUse ? 'address-in-use' : 'address-unavailable',
      `cannot serve the HTTP API on ${text}: ${inUse ? 'the port is in use' : cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: inUse
          ? `see who has it: ss -ltnp 'sport = :${address.port}'; or choose another: envoyage serve --http-address ${another}`
          : 'choose another address: envoyage serve --http-address HOST:PORT',
        cause,
      },
    );
  }
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}
