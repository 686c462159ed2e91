import { COMMON_LIMITS } from '../../model/common-schema.ts';
import { ENDPOINT_LIMITS } from '../../model/endpoint.ts';
import { headerValueFault } from '../../model/header-name.ts';
import { parseHost } from '../../model/host.ts';
import { compileRegex } from '../../model/regex.ts';
import { RETRY_LIMITS, RETRY_WORDS } from '../../model/retries-schema.ts';
import { MATCH_LIMITS } from '../../model/route-match-schema.ts';
import { ROUTE_LIMITS } from '../../model/route-schema.ts';
import { parsePath, parsePrefix } from '../../model/url-path.ts';
import { choice, duration, flag, list, matching, type Read, trimmed, wholeNumber } from './label-values.ts';

/** A word of the grammar that can be said of a service. */
export interface Word {
  readonly read: Read;
  /** A value that is right, for hints. */
  readonly example: string;
  /** It is of one endpoint, so containers of a service need not agree on it. */
  readonly own?: true;
}

/** A word whose meaning Envoyage does not have yet. */
export interface LaterWord {
  /** What the label would be about. */
  readonly later: string;
  /** It keeps somebody out: a service that says so is not served without it. */
  readonly guards?: true;
  /** What to do until then. */
  readonly instead?: string;
}

export const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
export const SERVICE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const hosts = list((text) => (text === '*' ? '*' : parseHost(text)), ROUTE_LIMITS.hosts);
const listeners = list(matching(/^[a-z0-9*_](?:[a-z0-9*._-]{0,251}[a-z0-9_])?$/, 'a name of a listener, as in https'), ROUTE_LIMITS.listeners);

const value: Read<string> = (text) => {
  const fault = headerValueFault(text);
  if (fault !== undefined) throw new Error(fault);
  return text;
};

const method: Read<string> = (text) => {
  const word = text.toUpperCase();
  if (!/^[A-Z][A-Z0-9-]{0,31}$/.test(word)) throw new Error('is no method, as in GET');
  if (word === 'CONNECT') throw new Error('cannot be routed');
  return word;
};

const regex: Read<string> = (text) => {
  compileRegex(text);
  return text;
};

const retryReason: Read<string> = (text) => {
  const word = text.toLowerCase();
  if (RETRY_WORDS.includes(word) || /^[1-5]\d\d$/.test(word)) return word;
  throw new Error(`is neither a status nor a reason that Envoy knows: ${RETRY_WORDS.slice(0, 6).join(', ')}, …`);
};

const authority: Read<string> = (text) => {
  if (/^\/[^\0]{1,1023}$/.test(text) || text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Error('is neither the full path of a file where the Envoys run nor a certificate in PEM');
};

const OTHER_PROTOCOLS = ['tcp', 'udp', 'tls-passthrough'];
const protocol: Read<string> = (text) => {
  const word = text.trim().toLowerCase();
  if (OTHER_PROTOCOLS.includes(word)) throw new Error('is not available yet: Envoyage routes HTTP, which is http, h2c, grpc and https');
  return choice(['http', 'h2c', 'grpc', 'https'])(word);
};

/** The words that say which requests a route takes, and what of them is changed: of the service, and of its further routes. */
export const MATCH_WORDS: Readonly<Record<string, Word>> = {
  host: { read: hosts, example: 'web.example.com' },
  listener: { read: listeners, example: 'https' },
  path: { read: trimmed(parsePrefix), example: '/api' },
  'path.exact': { read: trimmed(parsePath), example: '/api' },
  'path.regex': { read: regex, example: '/users/[0-9]+' },
  'path.strip': { read: flag, example: 'true' },
  'path.rewrite': { read: value, example: '/v2' },
  method: { read: list(method, MATCH_LIMITS.methods), example: 'GET,POST' },
  priority: { read: wholeNumber(-ROUTE_LIMITS.priority, ROUTE_LIMITS.priority), example: '10' },
};

/** The same, with a name after the word. */
export const MATCH_FAMILIES: Readonly<Record<string, Word>> = {
  header: { read: value, example: '2' },
  query: { read: value, example: '2' },
};

export const SERVICE_WORDS: Readonly<Record<string, Word>> = {
  ...MATCH_WORDS,
  port: { read: wholeNumber(1, 65535), example: '8080', own: true },
  protocol: { read: protocol, example: 'h2c' },
  weight: { read: wholeNumber(0, ENDPOINT_LIMITS.weight), example: '10', own: true },
  version: { read: matching(NAME, 'a name of lower-case letters, digits, dots and hyphens, as in v2'), example: 'v2', own: true },
  'health.mode': { read: choice(['docker', 'active', 'both', 'none']), example: 'both' },
  'health.path': { read: matching(/^\/[!-~]{0,1023}$/, 'a path, which begins with a slash'), example: '/healthz' },
  'health.interval': { read: duration(100), example: '5s' },
  'health.timeout': { read: duration(1), example: '2s' },
  'health.healthy': { read: wholeNumber(1, 100), example: '2' },
  'health.unhealthy': { read: wholeNumber(1, 100), example: '3' },
  lb: { read: choice(['round_robin', 'least_request', 'random', 'ring_hash', 'maglev']), example: 'least_request' },
  slow_start: { read: duration(1), example: '30s' },
  timeout: { read: duration(0), example: '15s' },
  retries: { read: wholeNumber(0, RETRY_LIMITS.attempts), example: '3' },
  retry_on: { read: list(retryReason, RETRY_LIMITS.statuses), example: '5xx,reset' },
  tls: { read: matching(/^[a-z0-9*_](?:[a-z0-9*._-]{0,251}[a-z0-9_])?$/, 'auto, off, or the name of a certificate'), example: 'auto' },
  'tls.redirect': { read: flag, example: 'true' },
  'upstream.tls': { read: flag, example: 'true' },
  'upstream.sni': { read: trimmed(parseHost), example: 'web.internal' },
  'upstream.ca': { read: authority, example: '/etc/ssl/certs/internal.pem' },
  'upstream.alpn': { read: list(choice(['h2', 'http/1.1']), 2), example: 'h2' },
};

export const SERVICE_FAMILIES: Readonly<Record<string, Word>> = {
  ...MATCH_FAMILIES,
  split: { read: wholeNumber(0, 100), example: '10', own: true },
};

export const LATER_WORDS: Readonly<Record<string, LaterWord>> = {
  mirror: { later: 'copies of requests to another service', instead: 'leave it out; the service works without it' },
  'sticky.cookie': { later: 'clients that stay with one container', instead: 'leave it out; envoyage.lb=maglev keeps the clients of one address together' },
  use: {
    later: 'policies (who may come in, CORS, limits of rates)',
    guards: true,
    instead: 'leave it out where the service may be reached without them',
  },
  'tls.client_ca': {
    later: 'certificates that clients have to show',
    guards: true,
    instead: 'leave it out where everybody may reach the service',
  },
};

export const GROUPS_LIMIT = COMMON_LIMITS.groups;

/** Every word of a service, families as people write them, for "did you mean". */
export const KNOWN_WORDS: readonly string[] = [...Object.keys(SERVICE_WORDS), ...Object.keys(LATER_WORDS)];

/** The first words: no service can be called like one. */
export const FIRST_WORDS: ReadonlySet<string> = new Set([...KNOWN_WORDS.map((word) => word.split('.', 1)[0] ?? ''), ...Object.keys(SERVICE_FAMILIES), 'route']);
