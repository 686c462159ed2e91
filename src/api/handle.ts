import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EnvoyageError } from '../lib/errors.ts';
import type { Socket } from './events/socket.ts';
import { notJson } from './faults.ts';
import { parseQuery, type RawBody, type Request, type Route } from './route.ts';

/**
 * One request through one route.
 * @param closing fires when the server shuts down: who waits is to be answered
 * @throws EnvoyageError
 */
export async function handle(route: Route, request: FastifyRequest, reply: FastifyReply, closing: AbortSignal): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const { status, body, headers } = await route.handle(read(route, request, AbortSignal.any([gone.signal, closing])));
  void reply.code(status).headers(headers ?? {});
  if (body === undefined) return reply.send();
  if (typeof body === 'string' || body instanceof Readable) return reply.send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** What ends a WebSocket whose request cannot be met: RFC 6455 §7.4.1, a policy violation. */
const REFUSED = 1008;

/** A request that has become a WebSocket. It is ended where something is wrong with it, with the reason. */
export function handleSocket(route: Route, request: FastifyRequest, socket: Socket, closing: AbortSignal): void {
  try {
    route.socket?.(read(route, request, closing), socket);
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    // The protocol has room for 123 bytes.
    socket.close(
      REFUSED,
      Buffer.from(thrown.message)
        .subarray(0, 120)
        .toString('utf8')
        .replace(/\ufffd$/, ''),
    );
  }
}

function read(route: Route, request: FastifyRequest, signal: AbortSignal): Request<unknown> {
  return {
    params: request.params as Record<string, string>,
    query: parseQuery(route, request.query),
    body: route.body === undefined ? undefined : route.body.isRaw === true ? readRaw(request, route.body.types) : readJson(request, route.body.types),
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    lastEventId: request.headers['last-event-id'] === undefined ? undefined : String(request.headers['last-event-id']),
    author: authorOf(request),
    peer: request.ip,
    signal,
  };
}

function readRaw({ body, headers }: FastifyRequest, types: readonly string[]): RawBody {
  const type = typeOf(headers);
  if (typeof body !== 'string' || !types.includes(type) || !isIdentity(headers)) throw notJson(types);
  return { format: type.includes('yaml') ? 'yaml' : 'json', text: body };
}

function typeOf(headers: FastifyRequest['headers']): string {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function isIdentity(headers: FastifyRequest['headers']): boolean {
  return (headers['content-encoding'] ?? 'identity') === 'identity';
}

function readJson({ body, headers }: FastifyRequest, types: readonly string[]): unknown {
  if (typeof body !== 'string' || !types.includes(typeOf(headers)) || !isIdentity(headers)) throw notJson();
  try {
    // Some editors and shells put a byte order mark first; RFC 8259 §8.1 lets a reader pass over it.
    return JSON.parse(body.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EnvoyageError('invalid-json', body === '' ? 'the body is empty' : `the body is not valid JSON: ${message}`, { cause });
  }
}

/** Up to 128 characters that can be seen. */
const AUTHOR = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Who asks, for the history. Node reads headers as Latin-1; a name in them is UTF-8. */
function authorOf({ headers, ip }: FastifyRequest): string {
  const given = headers['x-envoyage-author'];
  if (given === undefined || given === '') return `api@${ip}`;
  const author = Buffer.from(String(given), 'latin1').toString('utf8');
  if (AUTHOR.test(author) && !author.includes('\uFFFD')) return author;
  throw new EnvoyageError('invalid-request', 'X-Envoyage-Author is not a name of 1 to 128 characters in UTF-8', {
    hint: 'send it as in X-Envoyage-Author: ann@laptop, or leave it out',
  });
}
