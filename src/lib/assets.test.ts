import { describe, expect, it } from 'vitest';
import { loadAddon, loadFromFirst, readAsset } from './assets.ts';
import { EnvoyageError } from './errors.ts';

describe('in a checkout', () => {
  it('reads an asset from its place in the tree', () => {
    const bytes = readAsset('envoy.binpb');
    expect(bytes.length).toBeGreaterThan(100_000);
    expect(bytes.includes('envoy/config/cluster/v3/cluster.proto')).toBe(true);
  });

  it('leaves addons to their packages', () => {
    expect(loadAddon('better_sqlite3.node')).toBeUndefined();
  });
});

describe('loadFromFirst', () => {
  const loadIn = (good: string) => (folder: string) => {
    if (folder !== good) throw new Error('noexec');
    return `from ${folder}`;
  };

  it('takes the first folder that works', () => {
    expect(loadFromFirst(['/a', '/b', '/c'], loadIn('/b'))).toBe('from /b');
  });

  it('says what was wrong with each where none does, and what to do', () => {
    const attempt = (): unknown => loadFromFirst(['/a', '/b'], loadIn('/c'));
    expect(attempt).toThrow(EnvoyageError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'temp-dir-unusable',
        message: expect.stringContaining('/a: noexec; /b: noexec'),
        hint: expect.stringContaining('TMPDIR'),
      }),
    );
  });
});
