import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../tests/support/certificates.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { isSealed } from '../model/sealed.ts';
import { sealCertificate } from './seal-certificate.ts';
import { SecretKey } from './secret-key.ts';

const authority = new Authority('Test CA');
const [web, api] = [authority.issue({ dns: ['web.example.com'] }), authority.issue({ dns: ['api.example.com'] })];
const head = { kind: 'Certificate', name: 'web' } as const;

let folder: string;
let secret: SecretKey;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-seal-'));
  secret = new SecretKey(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return { code: thrown.code, message: thrown.message, errors: thrown.errors };
    throw thrown;
  }
  return undefined;
}

describe('a certificate', () => {
  it('is kept with its key sealed, equal where it was equal, and unchanged where it is sealed already', () => {
    const kept = sealCertificate({ ...head, ...web }, secret);
    expect(kept).toEqual({ ...head, cert: web.cert, key: expect.any(String) });
    expect(isSealed(kept.key ?? '')).toBe(true);
    expect(secret.open(kept.key ?? '')).toBe(web.key);
    expect(sealCertificate({ ...head, ...web }, secret)).toEqual(kept);
    expect(sealCertificate(kept, secret)).toBe(kept);
  });

  it('of files has none to seal', () => {
    const files = { ...head, certFile: '/a.crt', keyFile: '/a.key' };
    expect(sealCertificate(files, secret)).toBe(files);
  });

  it('is refused where its sealed key is of another certificate or another Envoyage, or damaged', () => {
    const { key } = sealCertificate({ ...head, ...web }, secret);
    expect(refusal(() => sealCertificate({ ...head, cert: api.cert, key: key ?? '' }, secret, '/objects/3'))).toEqual({
      code: 'invalid-request',
      message: 'the key of certificate "web" is not the key of the certificate',
      errors: [{ field: '/objects/3/key', message: 'key is not the key of the certificate' }],
    });
    const other = new SecretKey(mkdtempSync(join(folder, 'other-')));
    expect(refusal(() => sealCertificate({ ...head, cert: web.cert, key: other.seal(web.key) }, secret))).toMatchObject({
      message: expect.stringContaining('was sealed by another Envoyage'),
    });
    expect(refusal(() => sealCertificate({ ...head, cert: web.cert, key: `${key}AAAA` }, secret))).toMatchObject({
      message: expect.stringContaining('is sealed, and damaged'),
    });
  });
});
