import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestOptions } from '../../src/providers/rest/options.ts';
import { RestProvider } from '../../src/providers/rest/provider.ts';
import { Authority } from '../support/certificates.ts';
import { REST_DEFAULTS } from '../support/rest-options.ts';
import { type RestServer, restServer, says } from '../support/rest-server.ts';
import { RecordingSink } from '../support/sink.ts';
import { waitFor } from '../support/wait.ts';

let folder: string;
let cleanups: (() => Promise<void>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-rest-'));
  cleanups = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
  rmSync(folder, { recursive: true });
});

const names = (...all: string[]): string => JSON.stringify(all.map((name) => ({ kind: 'Service', name, endpoints: ['10.0.0.1:80'] })));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function serve(answer: RequestListener, tls?: ServerOptions): Promise<RestServer> {
  const server = await restServer(answer, tls);
  cleanups.push(() => server.close());
  return server;
}

function poll(url: string, more: Partial<RestOptions> = {}, inForce: readonly string[] = []): { provider: RestProvider; sink: RecordingSink } {
  const sink = new RecordingSink();
  const provider = new RestProvider({ ...REST_DEFAULTS, url, interval: 0.05, ...more }, { inForce: () => inForce });
  cleanups.push(() => provider.stop());
  provider.start(sink);
  return { provider, sink };
}

const first = (sink: RecordingSink): Promise<unknown> => waitFor('the first state', () => sink.states.length > 0);
const unwell = (sink: RecordingSink): Promise<string> => waitFor('bad health', () => (sink.health?.state === 'ok' ? undefined : sink.health?.message));
/** Until as many further requests have been made. */
const requests = (server: RestServer, more: number): Promise<unknown> => {
  const enough = server.requests.length + more;
  return waitFor(`${more} requests`, () => server.requests.length >= enough);
};

/** What comes of one answer to somebody who has `web` in force from an answer before. */
async function answered(answer: RequestListener, more: Partial<RestOptions> = {}): Promise<string> {
  const server = await serve(says(names('web')));
  const { sink } = poll(server.url, more);
  await first(sink);
  server.answer = answer;
  const message = await unwell(sink);
  expect(sink.health?.state).toBe('down');
  expect([sink.states.length, sink.keys]).toEqual([1, ['web']]);
  server.answer = says(names('web', 'new'));
  await waitFor('the next good answer', () => sink.keys.includes('new'));
  expect(sink.health).toEqual({ state: 'ok' });
  return message.replace(server.url, 'URL').replace(/; it is asked again in \d+ s$/, '');
}

describe('an answer', () => {
  it('is fetched again only where it has changed, and published once', async () => {
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === '"1"') {
        response.writeHead(304).end();
        return;
      }
      says(names('web'), { etag: '"1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' })(request, response);
    });
    const { sink, provider } = poll(server.url);
    await first(sink);
    await requests(server, 5);
    expect(sink.states.length).toBe(1);
    expect(server.requests[0]?.headers).not.toHaveProperty('if-none-match');
    expect(server.requests[3]?.headers).toMatchObject({
      'if-none-match': '"1"',
      'if-modified-since': 'Wed, 21 Oct 2015 07:28:00 GMT',
      'accept-encoding': 'gzip',
    });
    provider.resync();
    await waitFor('another state', () => sink.states.length === 2);
    // Without validators it is the content that counts.
    server.answer = says(names('web'));
    await requests(server, 4);
    expect(sink.states.length).toBe(2);
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('if-none-match');
    server.answer = says(names('web', 'api'));
    await waitFor('what is new', () => sink.keys.length === 2);
  });

  it('that could not be understood is asked for again: its validator is not kept', async () => {
    let body = '{"backends":';
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else says(body, { etag: '"1"' })(request, response);
    });
    const { sink } = poll(server.url);
    expect(await unwell(sink)).toContain('the answer is not JSON');
    body = names('web');
    await first(sink);
    expect(sink.keys).toEqual(['web']);
  });

  it('may be compressed, and in YAML', async () => {
    const text = `# two\nkind: Service\nname: web\nendpoints: [a:1]\n---\nkind: Service\nname: api\nendpoints: [a:2]\n`;
    const server = await serve(says(gzipSync(text), { 'content-type': 'application/yaml; charset=utf-8', 'content-encoding': 'gzip' }));
    const { sink } = poll(server.url);
    await first(sink);
    expect(sink.objects).toEqual({ web: `${server.url}:2:1`, api: `${server.url}:6:1` });
  });
});

describe('what is kept out, while the last good answer stays', () => {
  it.each<[string, RequestListener, string, Partial<RestOptions>?]>([
    ['an error', says('down', {}, 500), 'URL answers 500'],
    ['an answer without content', says('', {}, 204), 'URL answers 204'],
    ['a validator that nobody sent', says('', {}, 304), 'URL answers 304'],
    ['what is no JSON', says('[{"secret": "abc"'), 'the answer is not JSON (line 1 column 18)'],
    ['a page to log in', says('<html>', { 'content-type': 'text/html' }), 'the answer is of type "text/html", and should be JSON or YAML'],
    ['another shape', says('{"items":[]}'), 'the answer should be a list of objects, {"objects":[…]} or {"backends":[…]}, and has neither'],
    ['nothing', says('', { 'content-type': 'text/plain' }), 'the answer is empty'],
    [
      'broken YAML',
      says('a: [', { 'content-type': 'text/yaml' }),
      'URL:1:5: this is not YAML or JSON: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['what is no text', says(Buffer.from([0x22, 0xff, 0x22])), 'the answer is not text in UTF-8'],
    ['what is said to be large', says('[]'.padEnd(2000)), 'the answer is larger than 1000 bytes (--rest-max-bytes)', { maxBytes: 1000 }],
    [
      'what is large without saying so',
      (_, response) => void response.writeHead(200).write('['.padEnd(5000)),
      'the answer is larger than 1000 bytes (--rest-max-bytes)',
      { maxBytes: 1000 },
    ],
    [
      'a bomb',
      says(gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }),
      'the answer is larger than 100000 bytes (--rest-max-bytes)',
      { maxBytes: 100_000 },
    ],
    ['another encoding', says('', { 'content-encoding': 'br' }), 'the answer is encoded as "br", and only gzip is understood'],
    ['half of what is compressed', says(gzipSync(names('web', 'x')).subarray(0, 30), { 'content-encoding': 'gzip' }), 'unexpected end of file'],
    ['silence', () => undefined, 'URL did not answer within 0.5 s', { timeout: 0.5 }],
    ['an answer that comes too slowly', (_, response) => void response.writeHead(200).write('['), 'URL did not answer within 0.5 s', { timeout: 0.5 }],
  ])('%s', async (_, answer, message, more) => {
    expect(await answered(answer, more)).toBe(message);
  });

  it('what is cut off', async () => {
    const cut: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('[', () => response.destroy());
    };
    expect(await answered(cut)).toMatch(/aborted|socket hang up|ECONNRESET/);
  });

  it('an answer that lacks too much, until somebody asks by hand', async () => {
    const server = await serve(says(names('a', 'b', 'c', 'd')));
    const { sink, provider } = poll(server.url);
    await first(sink);
    server.answer = says(names('a', 'b'));
    await waitFor('half of it', () => sink.keys.join() === 'a,b');
    for (const body of ['[]', '{"backends":[]}', names('x', 'y', 'z')]) {
      server.answer = says(body);
      await waitFor('the guard', () => sink.health?.state === 'degraded');
      expect(sink.keys).toEqual(['a', 'b']);
      server.answer = says(names('a', 'b'));
      await waitFor('the good answer', () => sink.health?.state === 'ok');
    }
    server.answer = says(names('z'));
    expect(await unwell(sink)).toBe(
      'the answer lacks 2 of 2 objects (a, b), and no more than 50 % may go at once: what was read before stays; envoyage providers resync rest takes it as it is',
    );
    provider.resync();
    await waitFor('what is there', () => sink.keys.join() === 'z');
    expect(sink.health).toEqual({ state: 'ok' });
  });

  it('an answer that lacks what is in force from before a restart, unless the limit is lifted', async () => {
    const server = await serve(says('[]'));
    const { sink } = poll(server.url, {}, ['a', 'b']);
    expect(await unwell(sink)).toContain('the answer lacks 2 of 2 objects (a, b)');
    expect(sink.states).toEqual([]);
    const { sink: lifted } = poll(server.url, { maxShrink: 1 }, ['a', 'b']);
    await first(lifted);
    expect(lifted.health).toEqual({ state: 'ok' });
  });
});

describe('credentials', () => {
  it('are read from files for every request, and are in nothing that is shown', async () => {
    const server = await serve(says('', {}, 403));
    const tokenFile = file('token', 's3cret-one\n');
    const headerFile = file('headers', '# for the tenant\nX-Tenant: t3nant\n\nx-more: a b \n');
    const { sink, provider } = poll(`${server.url}?key=s3cret-query`, { tokenFile, headerFile });
    await unwell(sink);
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret-one', 'x-tenant': 't3nant', 'x-more': 'a b' });
    writeFileSync(tokenFile, 's3cret-two');
    await waitFor('the new token', () => server.requests.at(-1)?.headers.authorization === 'Bearer s3cret-two');
    writeFileSync(tokenFile, 's3cret three');
    await waitFor('the bad file', () => sink.health?.message?.includes('should hold a token'));
    writeFileSync(headerFile, 'X-Tenant t3nant');
    await waitFor('the bad file', () => sink.health?.message?.includes(`${headerFile}:1: a header is written NAME: VALUE`));
    server.answer = says(names('web'));
    writeFileSync(tokenFile, 's3cret-four');
    writeFileSync(headerFile, 'X-Tenant: t3nant');
    await first(sink);
    expect(`${JSON.stringify([sink.healths, sink.objects])}${provider.source}`).not.toMatch(/s3cret|t3nant/);
    expect(provider.source).toBe(`${server.url}?…`);
  });

  it('are a name and a password as well', async () => {
    const server = await serve(says(names('web')));
    const { sink } = poll(server.url, { basicFile: file('basic', 'ann:pass:word\n') });
    await first(sink);
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:pass:word').toString('base64')}`);
  });

  it('are a certificate by TLS, and the server has one of an authority that is trusted', async () => {
    const authority = new Authority('ca');
    const { cert, key } = authority.issue({ dns: ['localhost'] });
    const client = authority.issue({ cn: 'envoyage' });
    const server = await serve(says(names('web')), { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const ca = file('ca.pem', authority.cert);
    const { sink: stranger } = poll(server.url, { cert: file('client.pem', client.cert), key: file('client.key', client.key) });
    expect(await unwell(stranger)).toMatch(/unable to verify|self-signed|unable to get/);
    const { sink: nobody } = poll(server.url, { ca });
    expect(await unwell(nobody)).toMatch(/certificate required|ECONNRESET|socket hang up/);
    const { sink } = poll(server.url, { ca, cert: join(folder, 'client.pem'), key: join(folder, 'client.key') });
    await first(sink);
    expect(sink.keys).toEqual(['web']);
  });

  it('go with redirects within the origin, and nowhere else', async () => {
    const other = await serve(says(names('elsewhere')));
    const server = await serve((request, response) => {
      if (request.url === '/services') response.writeHead(302, { location: '/v2' }).end();
      else if (request.url === '/v2') says(names('web'))(request, response);
    });
    const tokenFile = file('token', 's3cret');
    const { sink } = poll(server.url, { tokenFile });
    await first(sink);
    expect([sink.keys, server.requests[1]?.headers.authorization]).toEqual([['web'], 'Bearer s3cret']);

    server.answer = (_, response) => void response.writeHead(307, { location: `${other.url}?token=s3cret` }).end();
    expect(await unwell(sink)).toContain(`${server.url} redirects to ${other.url}?…, another origin: ask that one, or say --rest-follow-redirects`);
    expect(other.requests).toEqual([]);
    const { sink: follower } = poll(server.url, { tokenFile, followRedirects: true });
    await first(follower);
    expect(follower.keys).toEqual(['elsewhere']);
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');

    // There and back again is another origin's word.
    other.answer = (_, response) => void response.writeHead(302, { location: server.url.replace('services', 'v2') }).end();
    const before = server.requests.length;
    const { sink: sent } = poll(server.url, { tokenFile, followRedirects: true });
    await waitFor('the way back', () => server.requests.slice(before).find(({ url }) => url === '/v2'));
    expect(server.requests.slice(before).find(({ url }) => url === '/v2')?.headers).not.toHaveProperty('authorization');
    expect(sent.health?.state).not.toBe('ok');
  });

  it('are not for a way that is not secure any more, and redirects end', async () => {
    const authority = new Authority('ca');
    const { cert, key } = authority.issue({ dns: ['localhost'] });
    const plain = await serve(says(names('web')));
    const server = await serve((_, response) => void response.writeHead(302, { location: plain.url }).end(), { cert, key });
    const { sink } = poll(server.url, { ca: file('ca.pem', authority.cert), followRedirects: true });
    expect(await unwell(sink)).toContain('which is not secure any more');
    plain.answer = (_, response) => void response.writeHead(302, { location: '/services' }).end();
    const { sink: circle } = poll(plain.url);
    expect(await unwell(circle)).toContain('redirects more than 5 times');
  });
});

it('leaves a server alone as long as it asks for', async () => {
  const server = await serve(says('', { 'retry-after': '120' }, 503));
  const { sink } = poll(server.url);
  expect(await unwell(sink)).toBe(`${server.url} answers 503; it is asked again in 120 s`);
});

it('ends a request that is under way when it stops', async () => {
  const server = await serve(() => undefined);
  const { sink, provider } = poll(server.url, { timeout: 3600 });
  await requests(server, 1);
  await provider.stop();
  expect([sink.states, sink.healths]).toEqual([[], []]);
});
