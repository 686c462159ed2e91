import { describe, expect, it } from 'vitest';
import { Authority, secretLines } from '../../tests/support/certificates.ts';
import { refused } from '../../tests/support/refusal.ts';
import { CERTIFICATE_FIELDS, certificateSchema } from './certificate-schema.ts';
import { parseOrThrow } from './validation.ts';

const authority = new Authority('Test CA');
const web = authority.issue({ dns: ['web.example.com'] });
const other = authority.issue({ dns: ['other.example.com'] });
const head = { kind: 'Certificate', name: 'web' };
const files = { certFile: '/etc/tls/web.crt', keyFile: '/etc/tls/web.key' };

const parse = (input: unknown) => parseOrThrow(certificateSchema, input, CERTIFICATE_FIELDS);

const faults = (input: unknown): readonly string[] => refused(() => parse(input))?.errors.map(({ field, message }) => `${field}: ${message}`) ?? [];

describe('a certificate', () => {
  it('has one form, whatever way it is written', () => {
    const plain = parse({ ...head, cert: web.cert, key: web.key });
    expect(plain).toEqual({ ...head, cert: web.cert, key: web.key });
    expect(parse({ ...head, cert: `web\n${web.cert.trim()}`, key: `\n${web.key.trim()}`, labels: {}, revision: 7 })).toEqual(plain);
    expect(parse({ ...head, ...files, hosts: ['B.example.com', 'a.example.com', 'b.example.com'], groups: ['x', 'edge'] })).toEqual({
      ...head,
      ...files,
      hosts: ['a.example.com', 'b.example.com'],
      groups: ['edge', 'x'],
    });
  });

  it('takes a key back as it was shown', () => {
    const key = `sealed:v1:${'A'.repeat(60)}`;
    expect(parse({ ...head, cert: web.cert, key })).toEqual({ ...head, cert: web.cert, key });
  });

  it.each([
    [7, ': a certificate must be an object, as in {"kind":"Certificate","name":"web","cert":"…","key":"…"}'],
    [{ ...head, ...files, kind: 'Cert' }, '/kind: kind must be "Certificate"'],
    [{ kind: 'Certificate', ...files }, '/name: "name" is missing'],
    [{ ...head, ...files, certfile: 'x' }, '/certfile: unknown field "certfile" (did you mean "certFile"?)'],
    [head, '/cert: a certificate needs cert and key, or certFile and keyFile'],
    [{ ...head, cert: web.cert }, '/key: cert is there without its key'],
    [{ ...head, key: web.key }, '/cert: key is there without its cert'],
    [{ ...head, certFile: '/a' }, '/keyFile: certFile is there without keyFile'],
    [{ ...head, keyFile: '/a' }, '/certFile: keyFile is there without certFile'],
    [{ ...head, ...files, ...web }, '/certFile: a certificate is either cert and key or certFile and keyFile, not both'],
    [{ ...head, cert: web.cert, keyFile: '/a' }, '/keyFile: a certificate is either cert and key or certFile and keyFile, not both'],
    [{ ...head, ...files, certFile: 'web.crt' }, "/certFile: certFile must be an absolute path of a file on the daemon's machine, as in /etc/envoyage/web.pem"],
    [{ ...head, ...files, keyFile: '/etc/' }, "/keyFile: keyFile must be an absolute path of a file on the daemon's machine, as in /etc/envoyage/web.pem"],
    [{ ...head, cert: web.cert, key: other.key }, '/key: key is not the key of the certificate'],
    [{ ...head, cert: other.key, key: web.key }, '/cert: cert holds no PEM certificate (-----BEGIN CERTIFICATE-----)'],
    [{ ...head, cert: web.cert, key: 'sealed:v2:AAAA' }, '/key: key holds no PEM private key (-----BEGIN PRIVATE KEY-----)'],
    [{ ...head, ...files, hosts: [] }, '/hosts: hosts must name at least one; leave it out for those in the certificate'],
    [{ ...head, ...files, hosts: ['10.0.0.1'] }, '/hosts/0: the host "10.0.0.1" is an address: clients ask for certificates by name alone'],
    [{ ...head, ...files, hosts: ['[::1]'] }, '/hosts/0: the host "[::1]" is an address: clients ask for certificates by name alone'],
    [{ ...head, ...files, hosts: ['a*.example.com'] }, '/hosts/0: the host "a*.example.com" has a * that is not the whole first label, as in *.example.com'],
  ])('is refused where it is wrong (%#)', (input, message) => {
    expect(faults(input)).toEqual([message]);
  });

  it('is never refused with a word of its key', () => {
    const words = secretLines(web);
    expect(words.length).toBeGreaterThan(1);
    const broken = web.key.replace('BEGIN PRIVATE', 'BEGIN PRIVTE');
    const inputs = [
      { ...head, cert: web.key, key: web.key },
      { ...head, cert: web.cert, key: broken },
      { ...head, cert: web.cert, key: web.key.slice(0, -40) },
      { ...head, cert: other.cert, key: web.key },
      { ...head, certFile: web.key, keyFile: web.key },
      { ...head, kind: web.key, cert: web.cert, key: { pem: web.key } },
      { ...head, cert: web.cert, key: [web.key] },
    ];
    for (const input of inputs) {
      const said = faults(input).join();
      expect(said).not.toBe('');
      for (const word of words) expect(said).not.toContain(word);
    }
  });
});
