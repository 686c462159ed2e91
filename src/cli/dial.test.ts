import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE } from '../config/certificate.fixture.ts';
import { fromHere, trustIn, urlFromHere } from './dial.ts';

let folder: string;
let certFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-dial-'));
  certFile = join(folder, 'cert.pem');
  writeFileSync(certFile, CERTIFICATE);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('fromHere', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['box.example.com', 'box.example.com'],
  ])('%s is reached at %s', (host, dialled) => {
    expect(fromHere({ host, port: 9090 })).toEqual({ host: dialled, port: 9090 });
  });

  it('makes URLs', () => {
    expect([urlFromHere({ host: '::', port: 1 }, false), urlFromHere({ host: '127.0.0.1', port: 2 }, true)]).toEqual(['http://[::1]:1', 'https://127.0.0.1:2']);
  });
});

describe('trustIn', () => {
  it('needs no other name where the certificate is for the address', () => {
    expect(trustIn(certFile, '127.0.0.1')).toEqual({ caFile: certFile });
    expect(trustIn(certFile, 'localhost')).toEqual({ caFile: certFile });
  });

  it('takes the name that the certificate is for', () => {
    expect(trustIn(certFile, '::1')).toEqual({ caFile: certFile, serverName: 'localhost' });
  });
});
