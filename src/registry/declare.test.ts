import { describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import type { DeclaredEdit } from '../model/declared.ts';
import { keyOf, type Stored, type Wish } from '../model/kinds.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { create, opened, put, service, tempDir } from './testkit.ts';

const apply = (wish: Wish, origin?: string): DeclaredEdit => ({ op: 'apply', wish, origin });
const remove = (key: string): DeclaredEdit => ({ op: 'remove', key });
const route = (name: string, to: string): Wish => ({ kind: 'Route', name, hosts: [`${name}.example.com`], to: [{ service: to }] });
const raw = (name: string): Wish => ({ kind: 'Raw', name, type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', resource: { name: 'same' } });
const listener = (name: string): Wish => ({ kind: 'Listener', name, address: '127.0.0.1:8443', protocol: 'http' });

const there = (registry: Registry): unknown[] => [...registry.objects()].map((each: Stored) => [keyOf(each), each.provider]);

describe('what providers declare', () => {
  it('stands beside what people own, in one history, and outlives the process', () => {
    using dir = tempDir();
    let registry = openRegistry({ dataDir: dir.path });
    registry.commit([create('mine')], 'ann');
    const { revision, refused } = registry.declare('docker', [apply(service('web'), 'container web-1'), apply(route('api', 'web'))]);
    expect([revision, refused.size]).toEqual([2, 0]);
    expect(registry.revisionAt(2)).toMatchObject({ author: 'docker@provider', provider: 'docker' });
    expect(registry.revisionAt(1)).not.toHaveProperty('provider');
    const before = [...registry.objects()];
    registry.close();
    registry = openRegistry({ dataDir: dir.path });
    expect([...registry.objects()]).toEqual(before);
    expect(registry.object('web')).toMatchObject({ provider: 'docker', origin: 'container web-1', revision: 2 });
    expect([...registry.providers()]).toEqual(['docker']);
    expect([...registry.declared('docker')].map(keyOf).toSorted()).toEqual(['Route/api', 'web']);
    expect(registry.objectAt('web', 2)).toMatchObject({ provider: 'docker' });
    registry.declare('docker', [remove('Route/api'), remove('web')]);
    expect([...registry.providers()]).toEqual([]);
    registry.close();
  });

  it('makes no revision where nothing is new, also where it is only said elsewhere', () => {
    using opening = opened();
    const { registry } = opening;
    registry.declare('docker', [apply(service('web'), 'container web-1')]);
    expect(registry.declare('docker', [apply(service('web'), 'container web-1')])).toMatchObject({ revision: 1, changed: false });
    expect(registry.declare('docker', [apply(service('web'), 'container web-2')])).toMatchObject({ revision: 1, changed: false });
    expect(registry.object('web')).toMatchObject({ origin: 'container web-2', provider: 'docker' });
  });

  it('is nobody else’s to change', () => {
    using opening = opened();
    const { registry } = opening;
    registry.declare('docker', [apply(service('web'), 'container web-1')]);
    const attempts = [put('web', 'b:1'), create('web'), { op: 'remove', key: 'web' }, { op: 'apply', wish: service('web') }] as const;
    for (const edit of attempts) {
      expect(refusal(() => registry.commit([edit], 'ann'))).toMatchObject({
        code: 'owned-by-provider',
        message: 'service "web" comes from provider "docker", container web-1: it is changed there',
      });
    }
    registry.commit([create('own')], 'ann');
    const { refused } = registry.declare('docker', [apply(service('own', 'other:1')), apply(service('two'))]);
    expect([...refused].map(([key, { code }]) => [key, code])).toEqual([['own', 'shadowed']]);
    expect(registry.object('own')).toMatchObject({ endpoints: ['web-a:5678'], updatedBy: 'ann' });
    expect(registry.object('two')).toMatchObject({ provider: 'docker' });
  });

  it('may pass from one provider to another, without a revision where it says the same', () => {
    using opening = opened();
    const { registry } = opening;
    registry.declare('docker', [apply(service('web')), apply(service('api'))]);
    expect(registry.declare('file', [apply(service('web')), apply(service('api', 'b:1'))])).toMatchObject({ revision: 2, changes: [{ id: 'api' }] });
    expect(there(registry)).toEqual([
      ['api', 'file'],
      ['web', 'file'],
    ]);
    expect([...registry.providers()]).toEqual(['file']);
  });

  it('goes in without what cannot, which stays as it was and is named with the reason', () => {
    using opening = opened();
    const { registry } = opening;
    registry.commit([create('people', 'a:1', { host: 'taken.example.com' })], 'ann');
    registry.declare('docker', [apply(service('a', 'a:1', { host: 'a.example.com' })), apply(service('b'))]);
    const { refused, changed } = registry.declare('docker', [
      // Its host is taken: it keeps a.example.com, so that c cannot have that, and d none that is c's.
      apply(service('a', 'a:2', { host: 'taken.example.com' })),
      apply(service('c', 'c:1', { host: 'a.example.com' })),
      apply(route('to-c', 'c')),
      apply(route('to-b', 'b')),
      apply(service('b', 'b:2')),
    ]);
    expect(changed).toBe(true);
    expect(Object.fromEntries([...refused].map(([key, { code }]) => [key, code]))).toEqual({
      a: 'host-taken',
      c: 'host-taken',
      'Route/to-c': 'reference-missing',
    });
    expect(registry.object('a')).toMatchObject({ endpoints: ['a:1'], host: 'a.example.com' });
    expect(registry.object('b')).toMatchObject({ endpoints: ['b:2'] });
    expect(registry.object('Route/to-b')).toBeDefined();
    expect(refused.get('a')?.message).toContain('belongs to service "people" already');
  });

  it('exchanges hosts in one step', () => {
    using opening = opened();
    const { registry } = opening;
    registry.declare('docker', [apply(service('a', 'a:1', { host: 'one' })), apply(service('b', 'b:1', { host: 'two' }))]);
    expect(registry.declare('docker', [apply(service('a', 'a:1', { host: 'two' })), apply(service('b', 'b:1', { host: 'one' }))]).refused.size).toBe(0);
    expect([registry.get('a')?.host, registry.get('b')?.host]).toEqual(['two', 'one']);
  });

  it('does not go from under what people refer to', () => {
    using opening = opened();
    const { registry } = opening;
    registry.declare('docker', [apply(service('web')), apply(service('api'))]);
    registry.commit([{ op: 'apply', wish: route('mine', 'web') }], 'ann');
    const { refused } = registry.declare('docker', [remove('web'), remove('api')]);
    expect([...refused].map(([key, { code, message }]) => [key, code, message])).toEqual([
      ['web', 'still-in-use', 'service "web" cannot go: route "mine" refers to it'],
    ]);
    expect(there(registry)).toEqual([
      ['Route/mine', undefined],
      ['web', 'docker'],
    ]);
  });

  it('has names and addresses that belong to one: the first of several', () => {
    using opening = opened();
    const { registry } = opening;
    const { refused } = registry.declare('file', [apply(raw('a')), apply(raw('b')), apply(listener('x')), apply(listener('y'))]);
    expect(Object.fromEntries([...refused].map(([key, { code }]) => [key, code]))).toEqual({ 'Raw/b': 'name-taken', 'Listener/y': 'address-taken' });
  });

  it('takes nothing away from the history of what people did', () => {
    using dir = tempDir();
    const registry = openRegistry({ dataDir: dir.path, keptRevisions: 3 });
    for (const n of [1, 2, 3]) registry.commit([put('mine', `a:${n}`)], 'ann');
    for (let n = 1; n <= 20; n++) registry.declare('docker', [apply(service('web', `b:${n}`))]);
    const numbers = (): number[] => registry.revisions({ limit: 100 }).map(({ number }) => number);
    expect(numbers()).toEqual([23, 22, 21, 3, 2, 1]);
    registry.commit([put('mine', 'a:4')], 'ann');
    expect(numbers()).toEqual([24, 23, 22, 21, 3, 2]);
    expect(registry.reach).toBe(1);
    registry.close();
    const again = openRegistry({ dataDir: dir.path, keptRevisions: 3 });
    again.commit([put('mine', 'a:5')], 'ann');
    expect(again.revisions({ limit: 100 }).map(({ number }) => number)).toEqual([25, 24, 23, 22, 21, 3]);
    again.close();
  });
});
