import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Authority } from '../../tests/support/certificates.ts';
import { parseAltNames, readCertificate } from './certificate.ts';
import { leadsTo, readBundle } from './chain.ts';

const root = new Authority('Root');
const raw = (pem: string): Buffer => new X509Certificate(pem).raw;

describe('a certificate', () => {
  it('says its names, its number and its end', () => {
    const notAfter = new Date('2031-02-03T04:05:06Z');
    const { cert } = root.issue({ cn: 'Node', dns: ['A.example.com'], uris: ['spiffe://example.com/a'], serial: '00f1', notAfter });
    const read = readCertificate(raw(cert));
    expect(read).toMatchObject({ serial: 'f1', notAfter: notAfter.getTime(), names: { uris: ['spiffe://example.com/a'], dns: ['a.example.com'], cn: 'Node' } });
    expect(read.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has no names of more than what names are made of', () => {
    const { cert } = root.issue({
      cn: 'a b',
      dns: ['x.example.com, DNS:admin.example.com', '*.example.com', 'ok.example.com'],
      uris: ['spiffe://a/b\0c', 'a://"b'],
    });
    expect(readCertificate(raw(cert)).names).toEqual({ uris: [], dns: ['ok.example.com'], cn: undefined });
  });

  it.each([
    ['', [], []],
    ['DNS:a, IP Address:127.0.0.1, URI:b://c/d', ['b://c/d'], ['a']],
    ['DNS:"a, DNS:b", DNS:c', [], ['c']],
    ['othername:"x:DNS:a", DNS:b', [], ['b']],
    ['DirName:"CN = a\\u002c DNS:b"', [], []],
  ])('alternative names: %s', (text, uris, dns) => {
    expect(parseAltNames(text)).toEqual({ uris, dns });
  });
});

describe('the way to an authority', () => {
  const middle = new Authority('Middle', root);
  const other = new Authority('Root');
  const leaf = new X509Certificate(middle.issue({ dns: ['a'] }).cert);
  const between = readBundle(middle.cert);
  const now = Date.now();

  it('goes by signatures, over what the client sent along', () => {
    expect(leadsTo(readBundle(root.cert), leaf, between, now)).toBe(true);
    expect(leadsTo(readBundle(root.cert + middle.cert), leaf, [], now)).toBe(true);
    expect(leadsTo(readBundle(root.cert), leaf, [], now)).toBe(false);
  });

  it('does not end at another of the same name, in the middle, or at nothing', () => {
    expect(leadsTo(readBundle(other.cert), leaf, between, now)).toBe(false);
    expect(leadsTo(readBundle(middle.cert), leaf, between, now)).toBe(false);
    expect(leadsTo([], leaf, [...between, ...readBundle(root.cert)], now)).toBe(false);
  });

  it('does not lead over one that has expired', () => {
    expect(leadsTo(readBundle(root.cert), leaf, between, now + 3 * 86_400_000)).toBe(false);
  });
});
