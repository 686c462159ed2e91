import type { EnvoyBehaviour } from './envoy-behaviour.ts';
import { normalPath } from './normal-path.ts';

/** A request as a client sends it. */
export interface SentRequest {
  readonly scheme: 'http' | 'https';
  /** What stands in the Host header without the port. */
  readonly host: string;
  /** Where the URL says one. */
  readonly port?: number;
  /** With its query. */
  readonly path: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The same as Envoy's router sees it. */
export interface SeenRequest {
  readonly scheme: 'http' | 'https';
  /** As it is compared: lower case, without port and without the dot at its end. */
  readonly host: string;
  /** As it is handed on, with its port. */
  readonly authority: string;
  /** Normalised. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
  readonly method: string;
  /** By name, lower case. Undefined stands for a value that Envoy makes up. */
  readonly headers: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/** Envoy's HTTP/1 parser knows these and no others; those of HTTP/2 can be any. */
const UPPER = /^[A-Z0-9!#$%&'*+.^_`|~-]+$/;

/** Of the connection to Envoy alone (RFC 9110 §7.6.1), or not to be believed, so that the router does not see them. */
const DROPPED = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'x-forwarded-client-cert']);

/** Several of these are one header from the start, joined by commas, empty ones left out (Envoy, INLINE_REQ_HEADERS and custom inline headers). */
const INLINE = new Set(
  [
    'accept accept-encoding access-control-request-headers access-control-request-method authentication authorization cache-control',
    'content-encoding content-type expect grpc-accept-encoding grpc-timeout if-match if-modified-since if-none-match if-range',
    'if-unmodified-since origin pragma referer user-agent via x-client-trace-id x-forwarded-host x-forwarded-port',
  ].flatMap((line) => line.split(' ')),
);

/**
 * What an Envoy with Envoyage's listeners makes of a request before it looks for a route.
 * @returns why it refuses the request, as text
 */
export function seenByEnvoy(sent: SentRequest, behaviour: EnvoyBehaviour): SeenRequest | string {
  const question = sent.path.indexOf('?');
  const [rawPath, query] = question < 0 ? [sent.path, ''] : [sent.path.slice(0, question), sent.path.slice(question)];
  if (!/^[\x21-\x7e]*$/.test(sent.path)) return 'the path has characters that have to be encoded';
  if (sent.path.includes('#')) return 'the path has a fragment';
  if (!UPPER.test(sent.method)) return `${sent.method} is no method`;
  const path = normalPath(rawPath, behaviour);
  if (path === undefined) return 'the path cannot be normalised';
  const name = sent.host.replace(/\.$/, '');
  return {
    scheme: sent.scheme,
    host: name.toLowerCase(),
    authority: sent.port === undefined ? name : `${name}:${sent.port}`,
    path,
    query,
    method: sent.method,
    headers: headersOf(sent),
  };
}

/** Those of the client and those of the edge (Envoy, "HTTP header manipulation"). */
function headersOf({ headers, scheme }: SentRequest): SeenRequest['headers'] {
  const seen = new Map<string, (string | undefined)[]>();
  for (const [said, value] of headers) {
    const name = said.toLowerCase();
    if (DROPPED.has(name) || (name === 'te' && value !== 'trailers')) continue;
    const before = seen.get(name) ?? [];
    const all = [...before, value.trim()];
    seen.set(name, INLINE.has(name) ? [all.filter((each) => each !== '').join(',')] : all);
  }
  seen.set('x-forwarded-proto', [scheme]);
  seen.set('x-request-id', [undefined]);
  seen.set('x-forwarded-for', [undefined]);
  seen.set('x-envoy-external-address', [undefined]);
  return seen;
}
