import { EnvoyageError } from '../lib/errors.ts';
import { isProblem, problemError } from '../lib/problem.ts';
import { VERSION } from '../lib/version.ts';
import { stranger, unreachable } from './unreachable.ts';

/** One request to the HTTP API, and how it fails. */

/** How long an answer may take that has nothing to wait for. */
const ANSWER_MS = 10_000;

export interface ClientOptions {
  /** As in `http://127.0.0.1:8080`, without a slash at its end. */
  readonly server: string;
  readonly token?: string | undefined;
  /** `name@origin`, for the history of revisions. */
  readonly author: string;
  /** Milliseconds; 10,000 unless given. */
  readonly answerMs?: number;
}

/** Seconds that a write may hold its answer back until the Envoys have acknowledged it; undefined to answer when it is saved. */
export type Wait = number | undefined;

/** What goes with a request. */
export interface More {
  readonly body?: unknown;
  readonly wait?: Wait;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly ifMatch?: string;
  readonly answerMs?: number;
}

/** The answer, as JSON. @throws EnvoyageError the daemon's own, or daemon-unreachable */
export async function request<T>(options: ClientOptions, method: string, path: string, { body, wait, query = {}, ifMatch, answerMs }: More): Promise<T> {
  const waitMs = Math.ceil((wait ?? 0) * 1000);
  const asked = [...Object.entries(query), ...(wait === undefined ? [] : [['wait', 'acked'] as const, ['timeout', String(waitMs / 1000)] as const])];
  const search = asked.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`])).join('&');
  const timeoutMs = (options.answerMs ?? answerMs ?? ANSWER_MS) + waitMs;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${options.server}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: { ...headersOf(options, method, body), ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (thrown) {
    throw unreachable(options.server, thrown, timeoutMs);
  }
  const value = parse(text);
  if (response.ok && typeof value === 'object' && value !== null) return value as T;
  throw isProblem(value) ? problemError(value) : stranger(options.server, response);
}

/** The body as it comes. @throws EnvoyageError the daemon's own, or daemon-unreachable */
export async function open(options: ClientOptions, path: string, signal: AbortSignal | undefined): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    const headers = { ...headersOf(options, 'GET', undefined), accept: '*/*' };
    response = await fetch(options.server + path, { headers, redirect: 'manual', ...(signal === undefined ? {} : { signal }) });
    if (response.ok && response.body !== null) return response.body;
    const value = parse(await response.text());
    throw isProblem(value) ? problemError(value) : stranger(options.server, response);
  } catch (thrown) {
    throw thrown instanceof EnvoyageError ? thrown : unreachable(options.server, thrown, ANSWER_MS);
  }
}

function headersOf({ token, author }: ClientOptions, method: string, body: unknown): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    'user-agent': `envoyage/${VERSION}`,
    ...(method === 'GET' ? {} : { 'x-envoyage-author': author }),
    ...(body === undefined ? {} : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
