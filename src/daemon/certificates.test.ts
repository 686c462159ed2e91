import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authority, secretLines } from '../../tests/support/certificates.ts';
import { waitFor } from '../../tests/support/wait.ts';
import { createLogger } from '../lib/logger.ts';
import type { Certificate } from '../model/certificate.ts';
import { openRegistry } from '../registry/sqlite.ts';
import { Certificates } from './certificates.ts';

const authority = new Authority('Test CA');
const [first, second] = ['01', '02'].map((serial) => authority.issue({ dns: ['web.example.com'], serial }));
if (first === undefined || second === undefined) throw new Error('nothing was issued');

let folder: string;
let registry: ReturnType<typeof openRegistry>;
let certificates: Certificates;
let told: (readonly string[])[];
let log: string;
const path = (name: string): string => join(folder, name);
const logger = createLogger({ level: 'info', format: 'json', stream: { write: (line) => (log += line) } });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-certificates-'));
  registry = openRegistry({ dataDir: path('data') });
  told = [];
  log = '';
  certificates = new Certificates(registry, logger, (keys) => told.push(keys));
  registry.onCommit((revision) => certificates.notice(revision));
});
afterEach(() => {
  certificates.close();
  registry.close();
  rmSync(folder, { recursive: true });
});

const apply = (more: Partial<Certificate>) => registry.commit([{ op: 'apply', wish: { kind: 'Certificate', name: 'web', ...more } }], 'ann');
const material = () => certificates.material({ kind: 'Certificate', name: 'web' });
const state = (now = new Date()) => certificates.states(now)[0];
const files = { certFile: '', keyFile: '' };

describe('certificates', () => {
  it('that are declared are opened, with the names in them unless told otherwise', () => {
    apply(first);
    expect(material()).toEqual({ ...first, hosts: ['web.example.com'] });
    expect(state()).toMatchObject({ facts: { serial: '1' }, hosts: ['web.example.com'], problem: undefined });
    apply({ ...first, hosts: ['other.example.com'] });
    expect(material()?.hosts).toEqual(['other.example.com']);
    expect(state(new Date('2200-01-01'))?.problem).toMatch(/^the certificate expired on 20/);
    registry.commit([{ op: 'remove', key: 'Certificate/web' }], 'ann');
    expect([material(), state()]).toEqual([undefined, undefined]);
  });

  it('are there again after a restart', () => {
    apply(first);
    const again = new Certificates(registry, logger, () => undefined);
    again.open();
    expect(again.material({ kind: 'Certificate', name: 'web' })).toEqual(material());
    again.close();
  });

  it('whose key does not open any more are a problem of theirs alone', () => {
    apply(first);
    registry.close();
    rmSync(path('data/secret.key'));
    registry = openRegistry({ dataDir: path('data'), newSecretKey: true });
    const again = new Certificates(registry, logger, () => undefined);
    again.open();
    expect(again.states(new Date())).toMatchObject([{ facts: undefined, problem: 'its key does not open, there is no secret key yet: apply it again' }]);
    again.close();
  });

  describe('in files', () => {
    const write = (cert: string, key: string): void => {
      writeFileSync(path('cert.new'), cert);
      writeFileSync(path('key.new'), key);
      renameSync(path('cert.new'), files.certFile);
      renameSync(path('key.new'), files.keyFile);
    };
    beforeEach(() => {
      files.certFile = path('web.crt');
      files.keyFile = path('web.key');
      write(first.cert, first.key);
      apply(files);
    });

    it('are read at once, and again when they change', async () => {
      expect(material()).toEqual({ ...first, hosts: ['web.example.com'] });
      write(second.cert, second.key);
      await waitFor('the new one', () => state()?.facts?.serial === '2');
      expect(material()).toEqual({ ...second, hosts: ['web.example.com'] });
      expect(told).toEqual([['Certificate/web']]);
      expect(registry.revision).toBe(1);
      expect(log).toContain('a certificate was read again from its files');
    });

    it('of which one half is new, broken or gone leave the last good pair in force, and say so', async () => {
      const good = material();
      const problem = async (pattern: RegExp) => {
        await waitFor(String(pattern), () => pattern.test(state()?.problem ?? ''));
        expect(material()).toBe(good);
      };
      writeFileSync(files.certFile, second.cert);
      await problem(/^keyFile ".*web\.key" is not the key of the certificate$/);
      writeFileSync(files.certFile, second.cert.slice(0, 200));
      await problem(/^certFile ".*web\.crt" holds no PEM certificate/);
      rmSync(files.keyFile);
      writeFileSync(files.certFile, first.cert);
      await problem(/^keyFile ".*web\.key" does not exist$/);
      expect(told).toEqual([]);
      expect(log.match(/a certificate is broken: what was good is served on/g)?.length).toBeGreaterThan(2);
      write(second.cert, second.key);
      await waitFor('the new pair', () => state()?.facts?.serial === '2' && state()?.problem === undefined);
      for (const line of [first, second].flatMap(secretLines)) expect(log).not.toContain(line);
    });

    it('that are no files are not read', () => {
      execFileSync('mkfifo', [path('pipe')]);
      apply({ certFile: '/dev/zero', keyFile: path('pipe') });
      expect(state()).toMatchObject({ facts: { serial: '1' }, problem: 'certFile "/dev/zero" is no file, or far too large' });
    });

    it('are not followed any more once they are not named', async () => {
      apply(second);
      expect(material()).toMatchObject(second);
      rmSync(files.certFile);
      apply({ ...files, certFile: path('other.crt'), name: 'other' });
      writeFileSync(path('other.crt'), first.cert);
      await waitFor('the other one', () =>
        certificates.states(new Date()).some(({ certificate, facts }) => certificate.name === 'other' && facts?.serial === '1'),
      );
      expect(material()).toMatchObject(second);
      expect(told).toEqual([['Certificate/other']]);
    });
  });
});
