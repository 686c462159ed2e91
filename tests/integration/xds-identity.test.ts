import { createHash, X509Certificate } from 'node:crypto';
import { credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { Access } from '../../src/xds/access.ts';
import { readBundle } from '../../src/xds/chain.ts';
import { groupFor } from '../../src/xds/identity.ts';
import type { XdsServerOptions } from '../../src/xds/server.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { waitFor } from '../support/wait.ts';
import { contents, type TestStream, TYPES } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { encodeNode } from '../support/xds-wire.ts';

/** Who is let in, as what, and who has to go: real TLS on both sides. */

const root = new Authority('Test root');
const middle = new Authority('Test intermediate', root);
const other = new Authority('Other root');
const own = root.issue({ cn: 'envoyage', dns: ['localhost'] });
const tls = { cert: Buffer.from(own.cert), key: Buffer.from(own.key) };
const { cds } = TYPES;

let server: TestServer;
afterEach(() => server.close());

async function start(access: Access, options: Partial<XdsServerOptions> = {}): Promise<void> {
  const pem = (access.clientCa ?? []).map(String).join('');
  server = await TestServer.start({ tls: access.clientCa === undefined ? tls : { ...tls, clientCa: Buffer.from(pem) }, access, ...options });
  server.publish(edit(cds, 'a', '1'));
}

/** A stream of a client with this certificate, or with none. */
function open(issued?: Issued, headers: Record<string, string> = {}): TestStream {
  const [cert, key] = issued === undefined ? [null, null] : [Buffer.from(issued.cert), Buffer.from(issued.key)];
  return server.client(credentials.createSsl(Buffer.from(root.cert + other.cert), key, cert)).open('delta', 'ads', headers);
}

const token = (name: string, secret: string, groups: readonly string[] | 'any' = [name]) => ({
  name,
  hash: createHash('sha256').update(secret).digest(),
  groups,
});
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const clientCa = readBundle(root.cert);

async function lives(stream: TestStream): Promise<void> {
  stream.subscribe(cds);
  expect(contents(await stream.take())).toEqual(['a=1']);
}

describe('client certificates', () => {
  it('say who a client is', async () => {
    await start({ clientCa });
    const stream = open(root.issue({ uris: ['spiffe://example.com/ns/x/sa/edge'], dns: ['web.example.com'], cn: 'nobody' }));
    await lives(stream);
    expect(server.reports[0]?.client.identity).toEqual({ kind: 'certificate', name: 'spiffe://example.com/ns/x/sa/edge', groups: ['edge'] });
  });

  it('are asked for at the handshake: none, one of another authority, and one that has expired are turned away', async () => {
    await start({ clientCa });
    const expired = root.issue({ dns: ['edge.example.com'], notAfter: new Date(Date.now() - 60_000) });
    for (const issued of [undefined, other.issue({ dns: ['edge.example.com'] }), expired]) {
      const stream = open(issued);
      stream.subscribe(cds);
      expect((await stream.ended()).code).toBe(status.UNAVAILABLE);
    }
    await waitFor('all three to be told of', () => server.refused.length >= 3);
    expect(server.refused).toEqual([
      'it showed no certificate, and --xds-client-ca asks for one',
      'its certificate is not valid here: SELF_SIGNED_CERT_IN_CHAIN',
      'its certificate is not valid here: CERT_HAS_EXPIRED',
    ]);
    expect(server.running.refused().map(({ address, reason }) => [address, reason])).toContainEqual(['127.0.0.1', server.refused[0]]);
    expect(server.reports).toEqual([]);
  });

  it('that give no group are turned away with their name', async () => {
    await start({ clientCa, groupRules: [{ group: 'edge', pattern: '*.edge.example.com' }] });
    const stranger = open(root.issue({ dns: ['web.example.com'] }));
    stranger.subscribe(cds);
    const words = 'the certificate "web.example.com" matches no rule of --xds-client-group';
    expect(await stranger.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: words });
    expect(server.refused).toEqual([words]);
    await lives(open(root.issue({ dns: ['a.edge.example.com'] })));
  });

  it('keep a node to its group', async () => {
    await start({ clientCa }, { attach: ({ identity, node }) => Promise.reject(groupFor(identity, node.cluster, 'default')) as never });
    const stream = open(root.issue({ dns: ['edge.example.com'] }));
    stream.delta({ node: encodeNode({ id: 'n', cluster: 'core' }), typeUrl: cds });
    expect(await stream.ended()).toMatchObject({
      code: status.PERMISSION_DENIED,
      details: 'the certificate "edge.example.com" is for group "edge", and not for group "core"',
    });
  });

  it('that are revoked lose their stream, by serial, fingerprint or name, while others live on', async () => {
    await start({ clientCa });
    const issued = ['a', 'b', 'c', 'd'].map((name, i) => root.issue({ dns: [`${name}.example.com`], serial: `0${i + 1}ab` }));
    const streams = issued.map((each) => open(each));
    for (const stream of streams) await lives(stream);
    const print = new X509Certificate(issued[1]?.cert ?? '').fingerprint256.replaceAll(':', '').toLowerCase();
    const revoked = { serials: new Set(['1ab']), fingerprints: new Set([print]), names: new Set(['c.example.com']) };
    server.running.secure({ ...tls, clientCa: Buffer.from(root.cert) }, { clientCa, revoked });
    const ends = await Promise.all(streams.slice(0, 3).map((stream) => stream.ended()));
    expect(ends.map(({ code, details }) => [code, details])).toEqual(
      ['a', 'b', 'c'].map((name) => [status.UNAUTHENTICATED, `the certificate "${name}.example.com" was revoked`]),
    );
    expect(server.reports.map(({ report }) => report.includes('closed'))).toEqual([true, true, true, false]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents((await streams[3]?.take()) as never)).toEqual(['a=2']);
    const again = open(issued[0]);
    again.subscribe(cds);
    expect(await again.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: 'the certificate "a.example.com" was revoked' });
  });

  it('of an authority that is taken away lose their stream, and get no other one on their old connection', async () => {
    await start({ clientCa: [...clientCa, ...readBundle(other.cert)] });
    const viaMiddle = middle.issue({ dns: ['m.example.com'] });
    const kept = open({ ...viaMiddle, cert: viaMiddle.cert + middle.cert });
    const [cert, key] = Object.values(other.issue({ dns: ['edge.example.com'] })).map((pem) => Buffer.from(pem)) as [Buffer, Buffer];
    const client = server.client(credentials.createSsl(Buffer.from(root.cert), key, cert));
    const gone = client.open('delta');
    for (const stream of [kept, gone]) await lives(stream);
    server.running.secure({ ...tls, clientCa: Buffer.from(root.cert) }, { clientCa });
    const words = 'the certificate "edge.example.com" is not of an authority in --xds-client-ca any more';
    expect(await gone.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: words });
    expect(await client.open('delta').ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: words });
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await kept.take())).toEqual(['a=2']);
  });

  it('that expire lose their stream', async () => {
    await start({ clientCa });
    const brief = open(root.issue({ dns: ['brief.example.com'], notAfter: new Date(Date.now() + 4000) }));
    const long = open(root.issue({ dns: ['long.example.com'] }));
    for (const stream of [brief, long]) await lives(stream);
    expect(await brief.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: 'the certificate "brief.example.com" has expired' });
    expect(long.status).toBeUndefined();
  });

  it('are cut off where the client does not read that it was sent away', async () => {
    await start({ clientCa });
    server.publish(...Array.from({ length: 20 }, (_, i) => edit(cds, `big-${i}`, 'x'.repeat(4_000_000))));
    const stream = open(root.issue({ dns: ['slow.example.com'] }));
    stream.pause();
    stream.subscribe(cds);
    await waitFor('the response to be under way', () => server.reports[0]?.report.includes('sent cds'));
    server.running.secure({ ...tls, clientCa: Buffer.from(root.cert) }, { clientCa: readBundle(other.cert) });
    expect(server.reports[0]?.report.at(-1)).toBe('closed');
    expect((await stream.ended()).code).not.toBe(status.OK);
  });
});

describe('tokens', () => {
  it('let their holder in, and nobody else', async () => {
    await start({ tokens: [token('edge', 's3cret'), token('ops', 'other', 'any')] });
    await lives(open(undefined, bearer('s3cret')));
    await lives(open(undefined, { authorization: 'bearer other' }));
    expect(server.reports.map(({ client }) => client.identity)).toEqual([
      { kind: 'token', name: 'edge', groups: ['edge'] },
      { kind: 'token', name: 'ops', groups: 'any' },
    ]);
    for (const [headers, words] of [
      [{}, 'it sent no token: its bootstrap needs one, as envoyage bootstrap --xds-token-file FILE makes it'],
      [bearer('wrong-0ne'), 'the token that it sent is not one of --xds-token-file'],
      [{ authorization: 'Basic s3cret' }, 'the authorization that it sent is not "Bearer TOKEN"'],
    ] as const) {
      expect(await open(undefined, headers).ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: words });
    }
    expect(JSON.stringify([server.refused, server.running.refused()])).not.toMatch(/s3cret|wrong-0ne/);
  });

  it('that are taken away end the streams that they opened, and no other', async () => {
    await start({ tokens: [token('a', 'aaa'), token('b', 'bbb'), token('c', 'ccc')] });
    const [a, b, c] = ['aaa', 'bbb', 'ccc'].map((secret) => open(undefined, bearer(secret))) as [TestStream, TestStream, TestStream];
    for (const stream of [a, b, c]) await lives(stream);
    server.running.secure(tls, { tokens: [token('b', 'bbb'), token('c', 'ccc', ['d'])] });
    expect(await a.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: 'the token "a" was revoked' });
    expect(await c.ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: 'the groups of the token "c" have changed' });
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await b.take())).toEqual(['a=2']);
  });

  it('are an alternative to certificates: either is enough', async () => {
    await start({ clientCa, tokens: [token('t', 's3cret')] });
    await lives(open(root.issue({ dns: ['edge.example.com'] })));
    await lives(open(undefined, bearer('s3cret')));
    await lives(open(other.issue({ dns: ['core.example.com'] }), bearer('s3cret')));
    expect(server.reports.map(({ client }) => client.identity?.name)).toEqual(['edge.example.com', 't', 't']);
    for (const issued of [undefined, other.issue({ dns: ['core.example.com'] })]) {
      expect(await open(issued).ended()).toMatchObject({ code: status.UNAUTHENTICATED, details: 'it showed neither a valid certificate nor a token' });
    }
  });
});

describe('the certificate of the server', () => {
  it('is replaced for new connections, and those that stand are left alone', async () => {
    await start({});
    const before = open();
    await lives(before);
    const next = other.issue({ cn: 'envoyage', dns: ['localhost'] });
    server.running.secure({ cert: Buffer.from(next.cert), key: Buffer.from(next.key) }, {});
    await lives(server.client(credentials.createSsl(Buffer.from(other.cert))).open('delta'));
    const old = server.client(credentials.createSsl(Buffer.from(root.cert))).open('delta');
    expect((await old.ended()).code).toBe(status.UNAVAILABLE);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await before.take())).toEqual(['a=2']);
  });
});
