import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from './certificate.fixture.ts';
import type { OptionName } from './options.ts';
import { readXdsSecurity } from './xds-access.ts';
import { parseRevoked } from './xds-revoked.ts';
import { parseXdsTokens, tokenForGroup } from './xds-tokens.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

describe('tokens', () => {
  const text = '# name token groups\n\nedge  s3cret edge core\r\nops\tother *\n';

  it('have a name and groups; what is kept of them is a hash', () => {
    expect(parseXdsTokens(text)).toEqual([
      { name: 'edge', hash: sha256('s3cret'), groups: ['edge', 'core'] },
      { name: 'ops', hash: sha256('other'), groups: 'any' },
    ]);
    expect(parseXdsTokens('# all taken away')).toEqual([]);
    expect(parseXdsTokens('edge one edge\nedge two edge')).toHaveLength(2);
  });

  it.each([
    [' \n', /^holds no token/],
    ['s3cret', /^has only one word on line 1/],
    ['# c\nedge s3cret', /^names no group on line 2/],
    ['edge s3cret a/b', /^has a group on line 1 that cannot be one/],
    ['edge s3crét edge', /^holds characters that a token cannot have, on line 1/],
    ['edge s3cr%et edge', /^holds a token with a percent sign, which Envoy cannot send, on line 1/],
    ['a s3cret x\nb s3cret y', /^has the token of line 2 twice/],
  ])('%j is refused, and the words do not tell it', (wrong, message) => {
    expect(() => parseXdsTokens(wrong)).toThrow(message);
    expect(() => parseXdsTokens(wrong)).not.toThrow(/s3cr/);
  });

  it('of the first line that lets a group in', () => {
    expect(['edge', 'core', 'web'].map((group) => tokenForGroup(text, group))).toEqual(['s3cret', 's3cret', 'other']);
    expect(tokenForGroup('a b c', 'web')).toBeUndefined();
  });
});

describe('revoked certificates', () => {
  it('are written as openssl prints them', () => {
    const print = Array.from({ length: 32 }, () => 'AB').join(':');
    const revoked = parseRevoked(`# gone\nserial=00F1\nserial = 0a:bc\nsha256 Fingerprint=${print}\nname=spiffe://example.com/Edge\nname=Edge.example.com\n`);
    expect(revoked.serials).toEqual(new Set(['f1', 'abc']));
    expect(revoked.fingerprints).toEqual(new Set(['ab'.repeat(32)]));
    expect([...revoked.names]).toEqual(expect.arrayContaining(['spiffe://example.com/Edge', 'edge.example.com']));
    expect(parseRevoked('')).toEqual({ serials: new Set(), fingerprints: new Set(), names: new Set() });
  });

  it.each([
    ['edge', /^has something else than serial=HEX, sha256=HEX or name=NAME on line 1/],
    ['\nserial=xyz', /^has no serial number in hexadecimal on line 2/],
    ['sha256=AB', /^has no SHA-256 fingerprint in hexadecimal on line 1/],
  ])('%j is refused', (text, message) => {
    expect(() => parseRevoked(text)).toThrow(message);
  });
});

describe('the files together', () => {
  const read = (contents: Partial<Record<OptionName, string>>, xdsClientGroups: string[] = []) =>
    readXdsSecurity(new Map(Object.entries(contents) as [OptionName, string][]), { xdsClientGroups });

  it('are what the server takes', () => {
    const security = read({ 'xds-tls-cert': CERTIFICATE, 'xds-tls-key': KEY, 'xds-client-ca': CERTIFICATE + CERTIFICATE }, ['edge=a://b/c=d']);
    expect(security).toMatchObject({
      tls: { cert: Buffer.from(CERTIFICATE), key: Buffer.from(KEY), clientCa: Buffer.from(CERTIFICATE + CERTIFICATE) },
      access: { clientCa: [{}, {}], groupRules: [{ group: 'edge', pattern: 'a://b/c=d' }] },
    });
    expect(read({})).toMatchObject({ tls: undefined, access: { clientCa: undefined, tokens: undefined } });
  });

  it('are refused with every fault', () => {
    const broken = CERTIFICATE.replace('MIIB', 'AAAA');
    expect(read({ 'xds-client-ca': 'x', 'xds-token-file': 'x', 'xds-revoked': 'x', 'xds-tls-cert': CERTIFICATE, 'xds-tls-key': 'x' })).toEqual([
      { name: 'xds-client-ca', message: 'holds no PEM certificate' },
      { name: 'xds-token-file', message: expect.stringMatching(/^has only one word/) },
      { name: 'xds-revoked', message: expect.stringMatching(/^has something else/) },
      { name: 'xds-tls-key', message: expect.stringMatching(/^is not a PEM private key/) },
    ]);
    expect(read({ 'xds-client-ca': CERTIFICATE + broken })).toEqual([
      { name: 'xds-client-ca', message: 'holds a certificate that cannot be read, the 2. of 2' },
    ]);
  });
});
