import { expect, it } from 'vitest';
import { openRegistry } from '../registry/sqlite.ts';
import { create, put, service, tempDir } from '../registry/testkit.ts';
import { DaemonSafety } from './safety.ts';

const REFUSED = { group: 'default', refused: 2, nodes: 2, message: 'no' };

it('takes back a revision in which two services exchanged their hosts, and leaves what has changed since', () => {
  using dir = tempDir();
  const registry = openRegistry({ dataDir: dir.path });
  const options = { canary: [], pushLimit: [], canaryTimeout: 30, rollbackShare: 0.5 };
  const safety = new DaemonSafety(options as never, registry, { warn: () => undefined, error: () => undefined } as never, () => undefined);
  registry.commit([create('a', 'a:1', { host: 'one' }), create('b', 'b:1', { host: 'two' }), create('c')], 'ann');
  const swapped = [
    { op: 'remove', key: 'a' },
    { op: 'remove', key: 'b' },
    { op: 'apply', wish: service('a', 'a:1', { host: 'two' }) },
    { op: 'apply', wish: service('b', 'b:1', { host: 'one' }) },
    put('c', 'c:2'),
    create('d'),
  ] as const;
  expect(registry.commit(swapped, 'ann').revision).toBe(2);
  registry.commit([put('c', 'c:3')], 'bob');
  safety.options.events?.unwanted?.({ revision: 2, ...REFUSED });
  expect(safety.rollbacks).toMatchObject([{ revision: 2, by: 4, ...REFUSED }]);
  expect([...registry.list()].map(({ id, host, endpoints }) => [id, host, ...endpoints])).toEqual([
    ['a', 'one', 'a:1'],
    ['b', 'two', 'b:1'],
    ['c', 'c', 'c:3'],
  ]);
  expect(registry.revisionAt(4)?.author).toBe('envoyage (automatic rollback of 2)');
  registry.close();
});
