import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { VERSION } from '../../lib/version.ts';
import type { Credentials } from './credentials.ts';
import { RestFault } from './fault.ts';
import { shownUrl } from './options.ts';

export interface Ask {
  readonly url: string;
  readonly credentials: Credentials;
  /** What the answer that is in force said of itself. */
  readonly validators: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxBytes: number;
  readonly followRedirects: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Of anything but 200 nothing is read. */
  readonly body: Buffer;
}

const MOST_REDIRECTS = 5;

/**
 * One GET, redirects included. They are followed within the origin; beyond it only where that is wanted, without credentials, and
 * never from https to http.
 * @throws RestFault
 */
export async function send(ask: Ask): Promise<Answer> {
  const timeout = AbortSignal.timeout(ask.timeoutMs);
  const signal = AbortSignal.any([timeout, ask.signal]);
  try {
    return await follow(ask, signal);
  } catch (thrown) {
    if (timeout.aborted) throw new RestFault(`${shownUrl(ask.url)} did not answer within ${ask.timeoutMs / 1000} s`, { cause: thrown });
    throw RestFault.from(thrown);
  }
}

async function follow(ask: Ask, signal: AbortSignal): Promise<Answer> {
  let url = new URL(ask.url);
  let isHome = true;
  for (let hops = 0; ; hops++) {
    const response = await get(url, isHome ? ask : withoutCredentials(ask), signal);
    const { statusCode: status = 0, headers } = response;
    const { location } = headers;
    if (status === 304 || status < 300 || status > 399 || location === undefined) {
      const body = status === 200 ? await bodyOf(response, ask.maxBytes) : Buffer.alloc(0);
      response.destroy();
      return { status, headers, body };
    }
    response.destroy();
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol)) throw new RestFault(`${shownUrl(url)} redirects to something that is no URL`);
    if (hops >= MOST_REDIRECTS) throw new RestFault(`${shownUrl(ask.url)} redirects more than ${MOST_REDIRECTS} times`);
    if (next.origin !== url.origin) {
      const where = `${shownUrl(url)} redirects to ${shownUrl(next)}`;
      if (url.protocol === 'https:' && next.protocol === 'http:') throw new RestFault(`${where}, which is not secure any more`);
      if (!ask.followRedirects) throw new RestFault(`${where}, another origin: ask that one, or say --rest-follow-redirects`);
      // For good: who sends a request away decides where it goes, back here too.
      isHome = false;
    }
    url = next;
  }
}

function withoutCredentials(ask: Ask): Ask {
  const { ca } = ask.credentials.tls;
  return { ...ask, credentials: { headers: {}, tls: ca === undefined ? {} : { ca } }, validators: {} };
}

function get(url: URL, { credentials, validators }: Ask, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    accept: 'application/json, application/yaml;q=0.9, */*;q=0.1',
    'accept-encoding': 'gzip',
    'user-agent': `envoyage/${VERSION}`,
    ...credentials.headers,
    ...validators,
  };
  return new Promise((resolve, reject) => {
    // A connection of its own each time: between two requests addresses and certificates may change.
    const options = { headers, signal, agent: false as const };
    const request = url.protocol === 'https:' ? httpsRequest(url, { ...options, ...credentials.tls }, resolve) : httpRequest(url, options, resolve);
    request.on('error', reject);
    request.end();
  });
}

/** What is not said to be long may still be, and what is short may grow when it is decompressed: it is counted as it comes. */
async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): RestFault => new RestFault(`the answer is larger than ${maxBytes} bytes (--rest-max-bytes)`);
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (!/^(?:identity|gzip|x-gzip)$/i.test(encoding))
    throw new RestFault(`the answer is encoded as ${JSON.stringify(encoding.slice(0, 40))}, and only gzip is understood`);
  const stream = encoding.toLowerCase() === 'identity' ? response : unzipped(response);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += (chunk as Buffer).length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function unzipped(response: IncomingMessage): Readable {
  const gunzip = createGunzip();
  response.on('error', (thrown) => gunzip.destroy(thrown));
  gunzip.on('close', () => response.destroy());
  return response.pipe(gunzip);
}
