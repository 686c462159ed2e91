import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Authority, secretLines } from '../../tests/support/certificates.ts';
import { refusal } from '../../tests/support/refusal.ts';
import type { Certificate } from '../model/certificate.ts';
import { isSealed } from '../model/sealed.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { tempDir } from './testkit.ts';

const authority = new Authority('Test CA');
const issue = (): Certificate => ({ kind: 'Certificate', name: 'web', ...authority.issue({ dns: ['web.example.com'] }) });
const apply = (registry: Registry, wish: Certificate) => registry.commit([{ op: 'apply', wish }], 'ann');

describe('keys of certificates', () => {
  it('are sealed in what is stored, read, told of and kept as history, and nowhere on disk in the clear', () => {
    using dir = tempDir();
    const [first, second] = [issue(), issue()];
    let registry = openRegistry({ dataDir: dir.path });
    const told: unknown[] = [];
    registry.onCommit((revision) => told.push(revision));
    const committed = apply(registry, first);
    apply(registry, second);
    const seen = JSON.stringify([committed, told, registry.object('Certificate/web'), registry.revisions({ limit: 10 })]);
    expect(seen.match(/sealed:v1:/g)?.length).toBeGreaterThan(4);
    const onDisk = () => readdirSync(dir.path).map((file) => readFileSync(join(dir.path, file), 'latin1'));
    expect(
      onDisk()
        .join()
        .match(/sealed:v1:/g)?.length,
    ).toBeGreaterThan(2);
    const clear = [...secretLines(first), ...secretLines(second)];
    expect(clear.length).toBeGreaterThan(3);
    const absent = (text: string): void => {
      for (const word of clear) expect(text.includes(word)).toBe(false);
    };
    absent(seen);
    for (const text of onDisk()) absent(text);
    registry.close();
    for (const text of onDisk()) absent(text);

    registry = openRegistry({ dataDir: dir.path });
    const { key = '' } = registry.object('Certificate/web') as Certificate;
    expect([isSealed(key), registry.secrets.open(key)]).toEqual([true, second.key]);
    registry.close();
  });

  it('that are applied again, in the clear or as they were shown, make no revision', () => {
    using dir = tempDir();
    const registry = openRegistry({ dataDir: dir.path });
    const wish = issue();
    apply(registry, wish);
    expect(apply(registry, wish)).toMatchObject({ changed: false, revision: 1 });
    const { cert, key } = registry.object('Certificate/web') as Certificate;
    expect(apply(registry, { kind: 'Certificate', name: 'web', cert: cert ?? '', key: key ?? '' })).toMatchObject({ changed: false, revision: 1 });
    registry.close();
  });

  it('do not open with the database alone: that is said at the start, and with the secret all is there again', () => {
    using dir = tempDir();
    using copy = tempDir();
    const wish = issue();
    const registry = openRegistry({ dataDir: dir.path });
    apply(registry, wish);
    registry.close();
    mkdirSync(copy.path, { recursive: true });
    copyFileSync(join(dir.path, 'envoyage.db'), join(copy.path, 'envoyage.db'));
    const before = readFileSync(join(copy.path, 'envoyage.db'));
    expect(refusal(() => openRegistry({ dataDir: copy.path }))).toMatchObject({
      code: 'secret-key-unusable',
      message: `the secret key ${copy.path}/secret.key is missing, and the key of a certificate was sealed with it`,
    });
    expect(readFileSync(join(copy.path, 'envoyage.db')).equals(before)).toBe(true);
    const named = openRegistry({ dataDir: copy.path, secretKeyFile: join(dir.path, 'secret.key') });
    expect(named.secrets.open((named.object('Certificate/web') as Certificate).key ?? '')).toBe(wish.key);
    named.close();
    rmSync(join(dir.path, 'secret.key'));
    const without = openRegistry({ dataDir: dir.path, newSecretKey: true });
    expect(apply(without, wish)).toMatchObject({ changed: true, revision: 2 });
    without.close();
    openRegistry({ dataDir: dir.path }).close();
  });
});
