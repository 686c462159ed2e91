import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalIp, type HostPort, isLoopback } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { type AgentToken, agentIn, guardAgent } from './agents/guard.ts';

export interface GuardOptions {
  /** Where the API listens: a name there may be asked for. */
  readonly address: HostPort;
  /** Further names that a request, or the page that sends it, may have as its host. */
  readonly allowedHosts: readonly string[];
  /** Every request but health checks must carry it, where there is one. */
  readonly token: string | undefined;
  /** Those that open the paths of agents, each of its own, and no others; without them agents carry the token as everybody does. */
  readonly agentTokens?: (() => readonly AgentToken[]) | undefined;
}

/** What the guard looks at: three headers as they came, the method, and the path without its query. */
export interface Visitor {
  readonly method?: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly path: string;
}

/** Answered without a token: they say nothing, and what asks them has none. */
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

/**
 * Who may speak to the API. A page on the web can make a browser send requests to loopback, under a name of its own that
 * it points there (DNS rebinding) or with an Origin of its own, so both are held against a list.
 * @throws EnvoyageError host-not-allowed, unauthorized, agent-refused
 */
export function guard({ method, host = '', origin, authorization = '', path }: Visitor, options: GuardOptions): void {
  const name = nameOf(host);
  if (name === undefined || !isAllowedHost(name, options)) {
    throw new EnvoyageError('host-not-allowed', `requests with the Host "${clip(host)}" are not answered`, {
      hint: `envoyage serve --http-allowed-host ${name ? clip(name) : 'NAME'}`,
    });
  }
  if (origin !== undefined && !isAllowedOrigin(origin, host, options)) {
    throw new EnvoyageError('host-not-allowed', `requests from pages of "${clip(origin)}" are not answered`, {
      hint: 'envoyage serve --http-allowed-host NAME',
    });
  }
  const given = /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? '';
  const agent = options.agentTokens === undefined ? undefined : agentIn(path);
  // People forget agents by the rules for people: where nobody else is asked for a token, neither are they.
  const isOfPeople = method === 'DELETE' && given === '' && options.token === undefined;
  if (agent !== undefined && !isOfPeople && (options.token === undefined || !sameSecret(given, options.token))) {
    guardAgent(agent, given, options.agentTokens?.() ?? []);
    return;
  }
  if (options.token === undefined || OPEN_PATHS.has(path)) return;
  if (!sameSecret(given, options.token)) {
    throw new EnvoyageError('unauthorized', given === '' ? 'the request carries no token' : 'the token is not the right one', {
      hint: 'envoyage --token-file FILE …, or set ENVOYAGE_TOKEN',
    });
  }
}

/** In constant time, whatever the lengths. */
function sameSecret(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** The name in `NAME`, `NAME:PORT` or `[IPv6]:PORT`, lower case and without a dot at its end; undefined for anything else. */
function nameOf(authority: string): string | undefined {
  const [, bracketed, name] = /^(?:\[([^\]]*)\]|([\w.-]+))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? name)?.toLowerCase().replace(/\.$/, '');
}

/** An address cannot be rebound as a name can, and a daemon off loopback has a token besides. */
function isAllowedHost(name: string, { address, allowedHosts, token }: GuardOptions): boolean {
  if (isLoopback(name) || [address.host, ...allowedHosts].some((allowed) => isName(allowed, name))) return true;
  return token !== undefined && canonicalIp(name) !== undefined;
}

/** The API's own pages, and those of names that are allowed; another program's page on this machine is somebody else. */
function isAllowedOrigin(origin: string, host: string, { allowedHosts }: GuardOptions): boolean {
  const authority = origin.replace(/^https?:\/\//i, '').toLowerCase();
  const name = nameOf(authority);
  return authority === host.toLowerCase() || (name !== undefined && allowedHosts.some((allowed) => isName(allowed, name)));
}

function isName(allowed: string, name: string): boolean {
  return allowed.toLowerCase().replace(/\.$/, '') === name;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
