import { describe, expect, it, vi } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { type GuardOptions, guard, type Visitor } from './guard.ts';

const timingSafeEqual = vi.hoisted(() => vi.fn());
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  timingSafeEqual.mockImplementation(original.timingSafeEqual);
  return { ...original, timingSafeEqual };
});

const LOCAL: GuardOptions = { address: { host: '127.0.0.1', port: 8080 }, allowedHosts: [], token: undefined };
const REMOTE: GuardOptions = { address: { host: '0.0.0.0', port: 8080 }, allowedHosts: ['Envoyage.example.com'], token: 's3cret' };

function verdict(visitor: Partial<Visitor>, options: GuardOptions = LOCAL): string {
  try {
    guard({ host: '127.0.0.1:8080', origin: undefined, authorization: undefined, path: '/api/v1/services', ...visitor }, options);
    return 'admitted';
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return thrown.code;
    throw thrown;
  }
}

describe('the Host', () => {
  it.each([
    '127.0.0.1:8080',
    '127.0.0.1',
    '127.9.9.9:1',
    'localhost:8080',
    'LocalHost',
    'localhost.:8080',
    'web.localhost:8080',
    '[::1]:8080',
    '[::1]',
    '[0:0:0:0:0:0:0:1]:8080',
    '[::ffff:127.0.0.1]',
  ])('of this machine, %s, is answered', (host) => {
    expect(verdict({ host })).toBe('admitted');
  });

  it.each([
    undefined,
    '',
    ':8080',
    'evil.example.com',
    'evil.example.com:8080',
    '127.0.0.1.evil.example.com',
    'localhost.evil.example.com',
    'notlocalhost',
    '10.0.0.1:8080',
    '0.0.0.0:8080',
    '[::]:8080',
    '[::1].evil.example.com',
    '[::1]evil',
    '[::1',
    'evil.example.com:80@localhost',
    'evil.example.com/.localhost',
    'evil.example.com#.localhost',
    'localhost:8080:8080',
    'localhost:x',
    'localhost, evil.example.com',
    'evil.example.com\u0000.localhost',
    'null',
  ])('%j of a rebound name is not', (host) => {
    expect(verdict({ host })).toBe('host-not-allowed');
  });

  it('may be a further name, or the name that the API listens on', () => {
    const options = { ...LOCAL, address: { host: 'box.example.com', port: 8080 }, allowedHosts: ['Envoyage.example.com.'] };
    for (const host of ['envoyage.example.com', 'ENVOYAGE.example.com.:443', 'Box.Example.com:8080']) expect(verdict({ host }, options)).toBe('admitted');
    for (const host of ['x.envoyage.example.com', 'example.com']) expect(verdict({ host }, options)).toBe('host-not-allowed');
  });

  it('may be any address where a token is asked for: an address cannot be rebound', () => {
    for (const host of ['10.0.0.1:8080', '[2001:db8::1]:8080', '0.0.0.0:8080']) {
      expect(verdict({ host, authorization: 'Bearer s3cret' }, REMOTE)).toBe('admitted');
      expect(verdict({ host, authorization: 'Bearer s3cret' }, { ...REMOTE, address: LOCAL.address, token: undefined })).toBe('host-not-allowed');
    }
    expect(verdict({ host: 'evil.example.com', authorization: 'Bearer s3cret' }, REMOTE)).toBe('host-not-allowed');
  });

  it('that is refused is named with the flag that allows it, and clipped', () => {
    const refuse = (host: string) => () => guard({ host, origin: undefined, authorization: undefined, path: '/' }, LOCAL);
    expect(refuse('box:80')).toThrow(
      expect.objectContaining({ message: 'requests with the Host "box:80" are not answered', hint: 'envoyage serve --http-allowed-host box' }),
    );
    expect(refuse('')).toThrow(expect.objectContaining({ hint: 'envoyage serve --http-allowed-host NAME' }));
    expect(refuse('x'.repeat(5000))).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) as unknown }));
  });
});

describe('the Origin', () => {
  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://localhost:8080', 'localhost:8080'],
    ['HTTP://LocalHost:8080', 'localhost:8080'],
    ['https://[::1]:8080', '[::1]:8080'],
    ['http://localhost', 'localhost'],
  ])("%s is the API's own page at %s", (origin, host) => {
    expect(verdict({ origin, host })).toBe('admitted');
  });

  it.each([
    'https://evil.example.com',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://127.0.0.1',
    'http://localhost:8080',
    'null',
    '',
    'http://',
    'file://',
    'chrome-extension://x',
    'ftp://127.0.0.1:8080',
    'http://127.0.0.1:8080/',
    'http://127.0.0.1:8080.evil.example.com',
  ])('%j is the page of somebody else', (origin) => {
    expect(verdict({ origin })).toBe('host-not-allowed');
  });

  it('of a name that is allowed is answered, on any port', () => {
    const options = { ...LOCAL, allowedHosts: ['envoyage.example.com'] };
    expect(verdict({ origin: 'https://Envoyage.example.com:9000' }, options)).toBe('admitted');
    expect(verdict({ origin: 'https://evil.example.com' }, options)).toBe('host-not-allowed');
  });

  it('of another program on the address that the API listens on is not', () => {
    const options = { ...REMOTE, address: { host: '10.0.0.5', port: 8080 } };
    expect(verdict({ host: '10.0.0.5:8080', origin: 'http://10.0.0.5:3000', authorization: 'Bearer s3cret' }, options)).toBe('host-not-allowed');
  });

  it('is looked at before the token', () => {
    expect(verdict({ origin: 'https://evil.example.com' }, REMOTE)).toBe('host-not-allowed');
  });
});

describe('the token', () => {
  it.each(['Bearer s3cret', 'bearer s3cret', 'BEARER   s3cret'])('%s is the right one', (authorization) => {
    expect(verdict({ authorization }, REMOTE)).toBe('admitted');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    's3cret',
    'Basic s3cret',
    'Bearer s3cre',
    'Bearer s3crett',
    'Bearer S3CRET',
    'Bearer s3cret s3cret',
    'Bearer, s3cret',
  ])('%j is not', (authorization) => {
    expect(verdict({ authorization }, REMOTE)).toBe('unauthorized');
  });

  it('is not told apart by time: hashes of one length are compared as a whole', () => {
    for (const given of ['s', 's3cret', 's3cre_', 'x'.repeat(5000)]) {
      timingSafeEqual.mockClear();
      verdict({ authorization: `Bearer ${given}` }, REMOTE);
      expect(timingSafeEqual).toHaveBeenCalledOnce();
      for (const hash of timingSafeEqual.mock.lastCall ?? []) expect((hash as Buffer).length).toBe(32);
    }
  });

  it('is not asked for by health checks, which are held to Host and Origin all the same', () => {
    for (const path of ['/healthz', '/readyz']) {
      expect(verdict({ path }, REMOTE)).toBe('admitted');
      expect(verdict({ path, host: 'evil.example.com' }, REMOTE)).toBe('host-not-allowed');
      expect(verdict({ path, origin: 'https://evil.example.com' }, REMOTE)).toBe('host-not-allowed');
    }
    for (const path of ['/healthz/', '/HEALTHZ', '/healthz/../api/v1/services', '//healthz', 'http://localhost/healthz', '/metrics', '/openapi.json']) {
      expect(verdict({ path }, REMOTE), path).toBe('unauthorized');
    }
  });

  it('that is missing is told from one that is wrong', () => {
    const refuse = (authorization: string | undefined) => () => guard({ host: 'localhost', origin: undefined, authorization, path: '/' }, REMOTE);
    expect(refuse(undefined)).toThrow('the request carries no token');
    expect(refuse('Bearer x')).toThrow('the token is not the right one');
  });

  it('is never repeated', () => {
    try {
      guard({ host: 'localhost', origin: undefined, authorization: 'Bearer nearly-s3cret', path: '/' }, REMOTE);
    } catch (thrown) {
      expect(JSON.stringify({ ...(thrown as object), message: String(thrown) })).not.toContain('s3cret');
    }
    expect.assertions(1);
  });
});
