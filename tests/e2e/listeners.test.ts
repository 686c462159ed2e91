import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/model/certificate.ts';
import type { Listener } from '../../src/model/listener.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import { secret } from '../../src/translator/secret.ts';
import { makeResource } from '../../src/xds/resource.ts';
import { SECRET } from '../../src/xds/types.ts';
import { Authority } from '../support/certificates.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { askHttp2, askHttps, HandshakeLoad, handshake } from '../support/tls-client.ts';
import { TlsStack, WAYS } from '../support/tls-stack.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** What a listener says, shown through real Envoys; certificates come by SDS, whichever way the Envoy asks. */

const authority = new Authority('Test CA');
const ca = authority.cert;
const certificate = (name: string, serial: string, ...dns: string[]): Certificate => ({ kind: 'Certificate', name, ...authority.issue({ dns, serial }) });

const [upstream] = startedUpstreams('A');

let stack: TlsStack;
let port: number;
beforeEach(async () => {
  stack = await TlsStack.start();
  port = await freePort();
});
afterEach(() => stack.close());

const https = (more: Partial<Listener> = {}): Listener => ({
  kind: 'Listener',
  name: 'https',
  address: `127.0.0.1:${port}`,
  protocol: 'https',
  certificates: ['web'],
  ...more,
});
const service = () => ({ id: 'web', host: 'web.example.com', endpoints: [`127.0.0.1:${upstream.port}`] });

/** Serves once Envoy listens and has the certificate. */
const serves = (serial: string, name = 'web.example.com') =>
  waitFor(`certificate ${serial}`, async () => (await handshake(port, { ca, name }).catch(() => undefined))?.serial === serial);

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  it('shows each client the certificate of the name that it asks for, over HTTP/2 and 1.1', async () => {
    stack.apply(
      service(),
      { id: 'shop', host: 'shop.example.com', endpoints: [`127.0.0.1:${upstream.port}`] },
      certificate('web', '1a', 'web.example.com', 'www.example.com'),
      certificate('shop', '2b', 'shop.example.com'),
      certificate('any', '3c', '*.example.com'),
      https({ certificates: ['web', 'shop', 'any'] }),
    );
    const envoy = await stack.envoy(version);
    await serves('1a');
    const serialOf = async (name?: string) => (await handshake(port, { ca, ...(name === undefined ? {} : { name }) })).serial;
    expect(await serialOf('www.example.com')).toBe('1a');
    expect(await serialOf('shop.example.com')).toBe('2b');
    expect(await serialOf('else.example.com')).toBe('3c');
    expect(await serialOf()).toBe('1a');

    expect((await handshake(port, { ca, name: 'shop.example.com' })).alpn).toBe('h2');
    expect((await handshake(port, { ca, name: 'shop.example.com', alpn: ['http/1.1'] })).alpn).toBe('http/1.1');
    expect((await handshake(port, { ca, name: 'shop.example.com', alpn: ['spdy/3'] })).alpn).toBe(false);
    expect(await askHttp2(port, 'shop.example.com', ca)).toMatchObject({ status: 200, body: 'A' });
    expect(await askHttps(port, 'web.example.com', ca)).toMatchObject({ status: 200, body: 'A', serial: '1a' });
    expect(await askHttps(port, 'else.example.com', ca)).toMatchObject({ status: 404, serial: '3c' });
    expect(await envoy.stat('listener_manager.lds.update_rejected')).toBe(0);
  });

  it('speaks no TLS below the lowest version', async () => {
    const other = await freePort();
    stack.apply(service(), certificate('web', '1a', 'web.example.com'), https(), https({ name: 'modern', address: `127.0.0.1:${other}`, minTls: '1.3' }));
    await stack.envoy(version);
    await serves('1a');
    const at = (to: number, maxVersion: 'TLSv1.2' | 'TLSv1.3') => handshake(to, { ca, name: 'web.example.com', maxVersion });
    expect((await at(port, 'TLSv1.2')).version).toBe('TLSv1.2');
    expect((await at(other, 'TLSv1.3')).version).toBe('TLSv1.3');
    await expect(at(other, 'TLSv1.2')).rejects.toThrow(/protocol version|alert/);
  });

  it.each([
    [true, 'https://web.example.com/a?b=c'],
    [8443, 'https://web.example.com:8443/a?b=c'],
  ] as const)('sends everybody to https where redirectToHttps is %s', async (redirectToHttps, location) => {
    stack.apply(service(), { kind: 'Listener', name: 'plain', address: `127.0.0.1:${port}`, protocol: 'http', redirectToHttps });
    await stack.envoy(version);
    const redirected = async (host: string) => {
      const response = await fetchAs(port, host);
      return [response.status, response.location];
    };
    await waitFor('the redirect', () => redirected('web.example.com').then(Boolean, () => false));
    expect(await redirected('web.example.com')).toEqual([301, location]);
    expect(await redirected(`web.example.com:${port}`)).toEqual([301, location]);
  });

  it('takes a second certificate without letting go of connections that stand', async () => {
    stack.apply(service(), certificate('web', '1a', 'web.example.com'), certificate('shop', '2b', 'shop.example.com'), https());
    const envoy = await stack.envoy(version);
    await serves('1a');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      await askHttps(port, 'web.example.com', ca, agent);
      stack.apply(https({ certificates: ['web', 'shop'] }));
      await serves('2b', 'shop.example.com');
      expect(await envoy.stat('listener_manager.listener_in_place_updated')).toBe(1);
      const { status, headers } = await askHttps(port, 'web.example.com', ca, agent);
      expect([status, headers['connection']]).toEqual([200, undefined]);
      stack.apply(https({ certificates: ['web'] }));
      stack.remove('Certificate/shop');
      await stack.inSync();
      await waitFor('the second one to go', async () => (await handshake(port, { ca }).catch(() => undefined))?.serial === '1a');
      await expect(handshake(port, { ca, name: 'shop.example.com' })).rejects.toThrow(/altnames/);
    } finally {
      agent.destroy();
    }
  });
});

describe.each(ENVOY_VERSIONS)('Envoy %s, certificates in files', (version) => {
  it('serves the others where one is not there yet, and that one once its files are', async () => {
    const path = (name: string): string => join(stack.folder.path, name);
    stack.apply(
      service(),
      certificate('web', '1a', 'web.example.com'),
      { kind: 'Certificate', name: 'late', certFile: path('late.crt'), keyFile: path('late.key') },
      https({ certificates: ['web', 'late'] }),
    );
    const envoy = await stack.envoy(version, 'ads-sotw');
    await serves('1a');
    expect(stack.certificates.states(new Date())[0]?.problem).toContain('does not exist');
    const issued = (serial: string): void => {
      const { cert, key } = authority.issue({ dns: ['late.example.com'], serial });
      writeFileSync(path('late.key'), key);
      writeFileSync(path('late.crt'), cert);
    };
    issued('2b');
    await serves('2b', 'late.example.com');
    issued('3c');
    await serves('3c', 'late.example.com');
    expect([stack.registry.revision, await envoy.stat('sds.late.update_rejected')]).toEqual([1, 0]);
    expect((await handshake(port, { ca, name: 'web.example.com' })).serial).toBe('1a');
  });
});

describe.each(ENVOY_VERSIONS.flatMap((version) => WAYS.map((way) => [version, way] as const)))('Envoy %s, %s', (version, way) => {
  it('changes certificates under load without a failed handshake, and drains nothing', async () => {
    const pairs = ['1a', '2b'].map((serial) => certificate('web', serial, 'web.example.com'));
    const [first] = pairs;
    if (first === undefined) throw new Error('nothing was issued');
    stack.apply(service(), first, https());
    const envoy = await stack.envoy(version, way);
    await serves('1a');
    const load = new HandshakeLoad(port, 'web.example.com', ca, 4);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const standing = await askHttps(port, 'web.example.com', ca, agent);
      const updated = await envoy.stat('listener_manager.lds.update_success');
      for (const pair of [...pairs, ...pairs, ...pairs, ...pairs].slice(1)) {
        stack.apply(pair);
        const serial = pair === first ? '1a' : '2b';
        await waitFor(`${serial} to be met`, () => load.latest === serial);
        const before = load.requests;
        await waitFor('more handshakes', () => load.requests > before + 20);
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      expect([...load.serials]).toEqual(['1a', '2b']);
      // The same connection all along: its handshake is that of the first certificate.
      expect((await askHttps(port, 'web.example.com', ca, agent)).serial).toBe(standing.serial);
      expect(await envoy.stat('listener_manager.listener_modified')).toBe(0);
      expect(await envoy.stat('listener_manager.lds.update_success')).toBe(updated);
    } finally {
      await load.stop();
      agent.destroy();
    }
  });

  it('goes on with the certificate that it has where it refuses another, which counts once, and takes the next', async () => {
    stack.apply(service(), certificate('web', '1a', 'web.example.com'), https());
    const envoy = await stack.envoy(version, way);
    await serves('1a');
    // What it refuses does not pass the checks of the vocabulary: it goes into the store that was made of it.
    const [one, two] = [authority.issue({ dns: ['web.example.com'] }), authority.issue({ dns: ['web.example.com'] })];
    const bad = loadEnvoyApi().encode('envoy.extensions.transport_sockets.tls.v3.Secret', secret({ name: 'web', cert: one.cert, key: two.key }));
    const store = stack.store;
    store.publish([{ type: SECRET, name: 'web', resource: makeResource(SECRET, 'web', bad) }]);
    store.announce();
    const refusal = () => stack.rollout.nodes()[0]?.types.find(({ type }) => type === 'sds')?.rejection?.message;
    await waitFor('Envoy to refuse it', () => refusal() !== undefined);
    expect(refusal()).toMatch(/private key|KEY_VALUES_MISMATCH/i);
    for (let i = 0; i < 5; i++) expect((await handshake(port, { ca, name: 'web.example.com' })).serial).toBe('1a');
    stack.apply({ ...service(), endpoints: [`127.0.0.1:${upstream.port}`, `127.0.0.2:${upstream.port}`] });
    await stack.inSync('rejected');
    expect(await envoy.stat('sds.web.update_rejected')).toBe(1);
    stack.apply(certificate('web', '4d', 'web.example.com'));
    await serves('4d');
    await stack.inSync();
    expect([await envoy.stat('sds.web.update_rejected'), refusal()]).toEqual([1, undefined]);
  });
});

function fetchAs(to: number, host: string): Promise<{ status: number; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: to, path: '/a?b=c', headers: { host } }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
    }).on('error', reject);
  });
}
