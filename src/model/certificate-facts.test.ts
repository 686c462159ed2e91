import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Authority, type Wanted } from '../../tests/support/certificates.ts';
import { certificateFacts, serverNames, timeFault } from './certificate-facts.ts';

const authority = new Authority('Test CA');
const issue = (wanted: Wanted): X509Certificate => new X509Certificate(authority.issue(wanted).cert);

describe('a certificate', () => {
  it('says who it is for, from whom and for how long', () => {
    const notBefore = new Date('2026-01-02T03:04:05Z');
    const notAfter = new Date('2031-02-03T04:05:06Z');
    const wanted = { cn: 'web', dns: ['*.example.com', 'localhost'], uris: ['spiffe://example.com/web'], serial: '00f1', notBefore, notAfter };
    expect(certificateFacts(issue(wanted))).toEqual({
      subject: 'CN=web',
      issuer: 'CN=Test CA',
      names: ['spiffe://example.com/web', '*.example.com', 'localhost', '127.0.0.1'],
      serial: 'f1',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      notBefore: '2026-01-02T03:04:05.000Z',
      notAfter: '2031-02-03T04:05:06.000Z',
    });
    expect(certificateFacts(issue({ dns: ['a.example.com'] })).subject).toBe('');
  });

  it.each([
    [{ dns: ['b.example.com', 'A.example.com', '*.example.com', 'localhost'] }, ['*.example.com', 'a.example.com', 'b.example.com', 'localhost']],
    [{ cn: 'web.example.com', dns: ['a.example.com'] }, ['a.example.com']],
    [{ cn: 'Web.example.com' }, ['web.example.com']],
    [{ cn: 'web.example.com', uris: ['spiffe://example.com/web'] }, []],
    [{ cn: 'Some Body' }, []],
    [{ dns: ['w*.example.com', '10.0.0.1', 'a, DNS:evil.example.com'] }, []],
    [{}, []],
  ])('is asked for by the names in it: %j', (wanted, names) => {
    expect(serverNames(issue(wanted))).toEqual(names);
  });

  it('has its time', () => {
    const facts = { notBefore: '2026-01-02T00:00:00.000Z', notAfter: '2026-02-02T00:00:00.000Z' };
    const at = (time: string) => timeFault(facts, new Date(time));
    expect(at('2026-01-15T00:00:00Z')).toBeUndefined();
    expect(at('2026-02-02T00:00:01Z')).toBe('expired on 2026-02-02');
    expect(at('2026-01-01T23:59:59Z')).toBe('is not valid before 2026-01-02');
  });
});
