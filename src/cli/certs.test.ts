import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handshake } from '../../tests/support/tls-client.ts';
import { issue, makeAuthority } from './dev-ca.ts';
import { NOW, run } from './harness.fixture.ts';

const DAY_MS = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-certs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const certs = (...args: string[]) => run(['certs', ...args], { cwd: folder });
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const certificate = (name: string): X509Certificate => new X509Certificate(text(name));

describe('envoyage certs', () => {
  it('makes an authority and certificates of it, for their owner alone', async () => {
    expect(await certs('ca')).toEqual({ code: 0, stdout: `${folder}/ca.crt\n${folder}/ca.key\n`, stderr: '' });
    expect(await certs('issue', 'Web.example.com', '*.example.com', '10.0.0.1', '::1')).toEqual({
      code: 0,
      stdout: `${folder}/web.example.com.crt\n${folder}/web.example.com.key\n`,
      stderr: '',
    });
    expect(readdirSync(folder).toSorted()).toEqual(['ca.crt', 'ca.key', 'web.example.com.crt', 'web.example.com.key']);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const [ca, web] = [certificate('ca.crt'), certificate('web.example.com.crt')];
    expect([ca.ca, web.ca, web.checkIssued(ca), web.verify(ca.publicKey), ca.verify(ca.publicKey)]).toEqual([true, false, true, true, true]);
    expect(web.checkPrivateKey(createPrivateKey(text('web.example.com.key')))).toBe(true);
    expect(web.subjectAltName).toBe('DNS:web.example.com, DNS:*.example.com, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect([ca, web].map((each) => Math.round((each.validToDate.getTime() - NOW) / DAY_MS))).toEqual([3650, 90]);
    expect(Number.parseInt(web.serialNumber.slice(0, 2), 16)).toBeLessThan(0x80);
  });

  it('issues again over what is there, and names files so that they can be', async () => {
    await certs('ca', '--dir', 'a/b');
    expect((await certs('issue', '*.example.com', '--dir', 'a/b', '--days', '1', '--json')).stdout).toBe(
      `${JSON.stringify({ cert: `${folder}/a/b/_wildcard.example.com.crt`, key: `${folder}/a/b/_wildcard.example.com.key` }, null, 2)}\n`,
    );
    const before = certificate('a/b/_wildcard.example.com.crt');
    expect(Math.round((before.validToDate.getTime() - NOW) / DAY_MS)).toBe(1);
    await certs('issue', '*.example.com', '--dir', 'a/b');
    expect(certificate('a/b/_wildcard.example.com.crt').serialNumber).not.toBe(before.serialNumber);
    expect((await certs('issue', '::1', '--dir', 'a/b')).stdout).toContain('/a/b/__1.crt\n');
  });

  it('takes the place of no authority, and does without none', async () => {
    const missing = await certs('issue', 'web.example.com');
    expect([missing.code, missing.stderr]).toEqual([2, `error: there is no authority in ${folder}: ca.crt is missing\nhint: envoyage certs ca\n`]);
    await certs('ca');
    const before = text('ca.crt');
    const again = await certs('ca');
    expect([again.code, again.stderr.split('\n')[0]]).toEqual([2, `error: there is an authority in ${folder}: who trusts it would not trust another one`]);
    expect(text('ca.crt')).toBe(before);
  });

  it.each([
    [['issue'], 'a certificate is for at least one host'],
    [['ca', 'web.example.com'], 'an authority is for no host'],
    [['issue', 'http://web.example.com'], 'the host "http://web.example.com" is a URL: leave out the scheme, as in web.example.com'],
    [['issue', 'web.example.com', '--days', '0'], '--days "0" is not a whole number from 1 to 36500'],
    [['issue', 'web.example.com', '--dir', '/dev/zero/x'], '/dev/zero/x/ca.crt cannot be read: ENOTDIR'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await certs(...args);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
  });

  it('says so where the authority is none', async () => {
    await certs('ca');
    const other = await makeAuthority('Other', { now: NOW, days: 1 });
    writeFileSync(join(folder, 'ca.key'), other.key);
    const { code, stderr } = await certs('issue', 'web.example.com');
    expect([code, stderr.split('\n')[0]]).toEqual([
      2,
      `error: the authority in ${folder} cannot be used: the key of the authority is not that of its certificate`,
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['ca.crt', 'ca.key']);
  });
});

it('a certificate of the development authority is taken by clients that trust it', async () => {
  const span = { now: Date.now(), days: 1 };
  const authority = await makeAuthority('Test', span);
  const server = createServer({ ...(await issue(authority, ['web.example.com', '127.0.0.1'], span)), ALPNProtocols: ['h2'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    expect(await handshake(port, { ca: authority.cert, name: 'web.example.com' })).toMatchObject({ alpn: 'h2' });
    await expect(handshake(port, { ca: authority.cert, name: 'other.example.com' })).rejects.toThrow(/altnames/);
    await expect(handshake(port, { ca: (await makeAuthority('Test', span)).cert, name: 'web.example.com' })).rejects.toThrow();
  } finally {
    server.close();
    await once(server, 'close');
  }
});
