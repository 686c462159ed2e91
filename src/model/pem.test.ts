import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Authority } from '../../tests/support/certificates.ts';
import { pairFault, parseChain, parseKey } from './pem.ts';

const authority = new Authority('Test CA');
const web = authority.issue({ dns: ['web.example.com'] });
const other = authority.issue({ dns: ['other.example.com'] });

describe('a chain', () => {
  it('is its blocks alone, whatever stands around them', () => {
    const { pem, leaf, rest } = parseChain(
      `Bag Attributes\r\n  friendlyName: web\n${web.cert.replaceAll('\n', '\r\n')}\n\n# the authority\n${authority.cert.trim()}`,
    );
    expect(pem).toBe(web.cert + authority.cert);
    expect(leaf.subjectAltName).toBe('DNS:web.example.com');
    expect(rest).toHaveLength(1);
  });

  it.each([
    ['', 'holds no PEM certificate (-----BEGIN CERTIFICATE-----)'],
    [web.key, 'holds no PEM certificate (-----BEGIN CERTIFICATE-----)'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'holds a certificate that cannot be read'],
    [`${web.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`, 'holds a certificate that cannot be read, the 2. of 2'],
  ])('has faults (%#)', (text, message) => {
    expect(() => parseChain(text)).toThrow(new Error(message));
  });
});

describe('a key', () => {
  it('has one form, whatever it came as', () => {
    const key = createPrivateKey(web.key);
    const sec1 = key.export({ type: 'sec1', format: 'pem' }).toString();
    expect(sec1).toContain('BEGIN EC PRIVATE KEY');
    // As `openssl ecparam -genkey` writes it.
    expect(parseKey(`-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${sec1}`).pem).toBe(web.key);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(parseKey(rsa.export({ type: 'pkcs1', format: 'pem' }).toString()).pem).toBe(rsa.export({ type: 'pkcs8', format: 'pem' }));
  });

  const pem = (key: ReturnType<typeof createPrivateKey>, passphrase?: string): string =>
    key.export({ type: 'pkcs8', format: 'pem', ...(passphrase === undefined ? {} : { passphrase, cipher: 'aes-256-cbc' }) }).toString();

  it.each([
    ['none', '', 'holds no PEM private key (-----BEGIN PRIVATE KEY-----)'],
    ['a certificate', web.cert, 'holds no PEM private key (-----BEGIN PRIVATE KEY-----)'],
    ['two', web.key + other.key, 'holds more than one private key'],
    ['a broken one', web.key.replace(/\n[A-Za-z0-9+/]{60}/, '\nAAAA'), 'holds a private key that cannot be read'],
    [
      'an encrypted one',
      pem(createPrivateKey(web.key), 'x'),
      'holds a private key that a passphrase protects: Envoyage seals keys itself, give it without one',
    ],
    ['a short one', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), 'holds an RSA key of 1024 bits: Envoy takes none of fewer than 2048'],
    [
      'another curve',
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
      'holds an ECDSA key on the curve secp256k1: Envoy takes P-256, P-384 and P-521',
    ],
    ['another type', pem(generateKeyPairSync('ed25519').privateKey), 'holds a key of the type ed25519: Envoy takes RSA and ECDSA keys alone'],
  ])('has faults: %s', (_, text, message) => {
    expect(() => parseKey(text)).toThrow(new Error(message));
  });
});

describe('a pair', () => {
  it('belongs together, the leaf first', () => {
    const { key } = parseKey(web.key);
    expect(pairFault(parseChain(web.cert + authority.cert), key)).toBeUndefined();
    expect(pairFault(parseChain(other.cert), key)).toBe('is not the key of the certificate');
    expect(pairFault(parseChain(authority.cert + web.cert), key)).toBe('is the key of the 2. certificate: the chain has to begin with that one');
  });
});
