import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal as refusalOf } from '../../tests/support/refusal.ts';
import type { EnvoyageError } from '../lib/errors.ts';
import { CERTIFICATE, KEY } from './certificate.fixture.ts';
import { type Flags, loadOptions } from './load.ts';
import { requireSecure } from './secure.ts';
import { verifyOptions } from './verify.ts';

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'envoyage-secure-'));
  writeFileSync(join(cwd, 'cert.pem'), CERTIFICATE);
  writeFileSync(join(cwd, 'key.pem'), KEY);
  writeFileSync(join(cwd, 'other.pem'), generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(cwd, 'token'), 's3cret\n');
  writeFileSync(join(cwd, 'empty'), '\n');
  writeFileSync(join(cwd, 'agents'), 'h1 s3cret\n');
  writeFileSync(join(cwd, 'tokens'), 'edge s3cret edge\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const load = (flags: Flags) => loadOptions({ flags, env: {}, cwd, systemFile: join(cwd, 'none') });

const refusal = (flags: Flags): EnvoyageError => refusalOf(() => verifyOptions(load(flags)));

const httpTls: Flags = { 'http-tls-cert': 'cert.pem', 'http-tls-key': 'key.pem' };
const xdsTls: Flags = { 'xds-tls-cert': 'cert.pem', 'xds-tls-key': 'key.pem' };
const token: Flags = { 'http-token-file': 'token' };

describe('what is safe', () => {
  it.each<[string, Flags]>([
    ['the defaults', {}],
    ['loopback by other names', { 'http-address': '[::1]:0', 'xds-address': 'localhost:0' }],
    ['HTTP off loopback with a token and TLS', { 'http-address': '0.0.0.0:8080', ...token, ...httpTls }],
    ['agents with tokens of their own', { 'http-address': '0.0.0.0:8080', ...token, ...httpTls, 'agent-token-file': 'agents' }],
    ['xDS off loopback with TLS', { 'xds-address': '[::]:9090', ...xdsTls }],
    ['xDS that asks who it is', { 'xds-address': '[::]:9090', ...xdsTls, 'xds-client-ca': 'cert.pem', 'xds-token-file': 'tokens' }],
    ['xDS off loopback where somebody said so in so many words', { 'xds-address': '0.0.0.0:9090', 'xds-allow-plaintext': true }],
  ])('%s', (_, flags) => {
    expect(() => verifyOptions(load(flags))).not.toThrow();
  });
});

describe('what is refused', () => {
  it.each<[string, Flags, string, string]>([
    [
      'HTTP off loopback with nothing',
      { 'http-address': '0.0.0.0:8080' },
      '--http-address 0.0.0.0:8080 can be reached from other machines and lacks a token and TLS',
      'add --http-token-file FILE --http-tls-cert FILE --http-tls-key FILE, or stay on this machine with --http-address 127.0.0.1:8080',
    ],
    [
      'HTTP off loopback without TLS',
      { 'http-address': '[::]:8080', ...token },
      '--http-address [::]:8080 can be reached from other machines and lacks TLS',
      'add --http-tls-cert FILE --http-tls-key FILE, or stay on this machine with --http-address 127.0.0.1:8080',
    ],
    [
      'HTTP off loopback without a token',
      { 'http-address': 'box.example.com:8080', ...httpTls },
      '--http-address box.example.com:8080 can be reached from other machines and lacks a token',
      'add --http-token-file FILE, or stay on this machine with --http-address 127.0.0.1:8080',
    ],
    [
      'HTTP off loopback with tokens of agents alone',
      { 'http-address': '10.0.0.1:8080', ...httpTls, 'agent-token-file': 'agents' },
      '--http-address 10.0.0.1:8080 can be reached from other machines and lacks a token',
      'add --http-token-file FILE, or stay on this machine with --http-address 127.0.0.1:8080',
    ],
    [
      'xDS off loopback without TLS',
      { 'xds-address': '10.0.0.1:9090' },
      '--xds-address 10.0.0.1:9090 can be reached from other machines and lacks TLS',
      'add --xds-tls-cert FILE --xds-tls-key FILE, or --xds-allow-plaintext where nobody else reads the network, or stay on this machine with --xds-address 127.0.0.1:9090',
    ],
  ])('%s', (_, flags, message, hint) => {
    const error = refusal(flags);
    expect([error.code, error.message, error.hint]).toEqual(['insecure-address', message, hint]);
  });

  it('is named with where it was said, all of it at once', () => {
    const loaded = loadOptions({
      flags: {},
      env: { ENVOYAGE_HTTP_ADDRESS: '0.0.0.0:1', ENVOYAGE_XDS_ADDRESS: '0.0.0.0:2' },
      cwd,
      systemFile: join(cwd, 'none'),
    });
    expect(() => requireSecure(loaded.options, loaded.sources)).toThrow(
      /0\.0\.0\.0:1 \(ENVOYAGE_HTTP_ADDRESS\) can.*; --xds-address 0\.0\.0\.0:2 \(ENVOYAGE_XDS_ADDRESS\) can/,
    );
    expect(() => requireSecure(loaded.options)).toThrow(/^--http-address 0\.0\.0\.0:1 can/);
  });

  it.each<[Flags, string]>([
    [{ 'http-tls-cert': 'cert.pem' }, '--http-tls-cert is set without --http-tls-key'],
    [{ 'xds-tls-key': 'key.pem' }, '--xds-tls-key is set without --xds-tls-cert'],
    [{ 'docker-host': 'unix:///docker.sock' }, '--docker-host is set without --docker'],
    [{ docker: true, 'docker-tls-cert': 'cert.pem' }, '--docker-tls-cert is set without --docker-tls-key'],
    [{ 'xds-client-ca': 'cert.pem' }, '--xds-client-ca is set without --xds-tls-cert'],
    [{ ...xdsTls, 'xds-client-group': ['a=b'] }, '--xds-client-group is set without --xds-client-ca'],
    [{ ...xdsTls, 'xds-revoked': 'empty' }, '--xds-revoked is set without --xds-client-ca'],
  ])('half of a certificate and its key: %j', (flags, message) => {
    const error = refusal(flags);
    expect([error.code, error.message]).toEqual(['invalid-config', message]);
  });

  it('is what says who may connect and cannot be read, without a secret in the words', () => {
    expect(refusal({ 'xds-token-file': 'token' }).message).toMatch(/^--xds-token-file ".*token" has only one word on line 1: write NAME TOKEN GROUP…$/);
    expect(refusal({ ...xdsTls, 'xds-client-ca': 'token', 'xds-revoked': 'token' }).errors).toMatchObject([
      { message: expect.stringMatching(/token" holds no PEM certificate$/) },
      { message: expect.stringMatching(/token" has something else than serial=HEX/) },
    ]);
    expect(() =>
      verifyOptions(load({ ...xdsTls, 'xds-client-ca': 'cert.pem', 'xds-revoked': 'empty', 'xds-client-group': ['edge=*.example.com'] })),
    ).not.toThrow();
    const hint = refusal({ 'xds-address': '10.0.0.1:9090', 'xds-token-file': 'tokens' }).hint;
    expect(hint).toContain('(without it the tokens of Envoys can be read on the way)');
  });

  it.each([
    ['edge', 'lacks a group: write GROUP=PATTERN'],
    ['a b=c', 'begins with something that is no group'],
    ['edge=', 'has a pattern that is empty'],
    ['edge=a b', 'has a pattern that is empty, or has spaces in it'],
  ])('is a rule that is none: %s', (rule, message) => {
    expect(() => load({ 'xds-client-group': [rule] })).toThrow(message);
  });

  it('is every file that does not hold what it should', () => {
    const error = refusal({
      'http-token-file': 'empty',
      'http-tls-cert': 'token',
      'http-tls-key': 'key.pem',
      'xds-tls-cert': 'cert.pem',
      'xds-tls-key': 'none.pem',
    });
    expect(error.code).toBe('invalid-config');
    expect(error.errors.map(({ message }) => message.replaceAll(cwd, ''))).toEqual([
      '--xds-tls-key "/none.pem" does not exist',
      '--http-token-file "/empty" holds no token',
      expect.stringMatching(/^--http-tls-cert "\/token" is not a PEM certificate: /),
    ]);
    expect(refusal({ 'xds-tls-cert': 'cert.pem', 'xds-tls-key': 'other.pem' }).message).toMatch(
      /^--xds-tls-key ".*other\.pem" is not the key of the certificate$/,
    );
    expect(refusal({ 'agent-token-file': 'token' }).message).toMatch(/^--agent-token-file ".*token" has only one word on line 1/);
    expect(refusal({ 'http-token-file': '.' }).message).toMatch(/ is a folder, not a file$/);
  });
});
