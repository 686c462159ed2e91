import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { tempDir } from './testkit.ts';

const ENTRY = {
  key: 'Route/api',
  group: 'edge',
  view: 'ads edge',
  type: 'rds',
  message: 'no',
  node: 'edge-1',
  revision: 3,
  good: null,
  since: '2026-01-01T00:00:00Z',
};

describe('quarantines and versions of objects', () => {
  let folder: ReturnType<typeof tempDir>;
  let registry: Registry;
  beforeEach(() => {
    folder = tempDir();
    registry = openRegistry({ dataDir: folder.path });
  });
  afterEach(() => {
    registry.close();
    folder[Symbol.dispose]();
  });

  it('outlive the daemon, one for each view and object, until they are over', () => {
    const other = { ...ENTRY, view: 'separate edge', good: 2 };
    registry.quarantines.put(ENTRY);
    registry.quarantines.put(other);
    registry.quarantines.put({ ...ENTRY, message: 'not again' });
    registry.close();
    registry = openRegistry({ dataDir: folder.path });
    expect([...registry.quarantines.list()]).toEqual([{ ...ENTRY, message: 'not again' }, other]);
    registry.quarantines.delete('ads edge', 'Route/api');
    registry.quarantines.delete('ads edge', 'never there');
    expect([...registry.quarantines.list()]).toEqual([other]);
  });

  it('an object is known as it was as of any revision', () => {
    const put = (id: string, port: number) =>
      registry.commit([{ op: 'put', service: { id, host: `${id}.example.com`, endpoints: [`10.0.0.1:${port}`] } }], 'test').revision;
    put('web', 1);
    put('api', 2);
    put('web', 3);
    registry.commit([{ op: 'delete', id: 'web' }], 'test');
    const endpoints = (revision: number) => {
      const found = registry.objectAt('web', revision);
      return found !== undefined && 'endpoints' in found ? [found.endpoints[0], found.revision] : undefined;
    };
    expect([0, 1, 2, 3, 4, 99].map(endpoints)).toEqual([undefined, ['10.0.0.1:1', 1], ['10.0.0.1:1', 1], ['10.0.0.1:3', 3], undefined, undefined]);
  });
});
