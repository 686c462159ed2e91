import { describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import type { Edit } from '../model/edit.ts';
import type { Wish } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import type { Raw } from '../model/raw.ts';
import { openRegistry } from './sqlite.ts';
import { opened, service, tempDir } from './testkit.ts';

const route: Wish = { kind: 'Route', name: 'api', hosts: ['api.example.com'], to: [{ service: 'web' }] };
const raw: Raw = { kind: 'Raw', name: 'web', type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', resource: { name: 'web' } };
const listener = (name: string, address: string): Listener => ({ kind: 'Listener', name, address, protocol: 'http' });
const apply = (wish: Wish, origin?: string): Edit => ({ op: 'apply', wish, ...(origin === undefined ? {} : { origin }) });

describe('objects of every kind', () => {
  it('are kept over a restart, with the place where they were said', () => {
    using dir = tempDir();
    let registry = openRegistry({ dataDir: dir.path });
    registry.commit([apply(route, 'a.yaml:3:1'), apply(service('web'))], 'ann');
    const before = [...registry.objects()];
    registry.close();
    registry = openRegistry({ dataDir: dir.path });
    expect([...registry.objects()]).toEqual(before);
    expect(registry.object('Route/api')).toMatchObject({ name: 'api', revision: 1, origin: 'a.yaml:3:1' });
    expect([[...registry.objects('Route')].length, [...registry.objects('Service')].length, registry.size]).toEqual([1, 1, 1]);
    registry.close();
  });

  it('make no revision where they are only said elsewhere, which is kept', () => {
    using dir = tempDir();
    let registry = openRegistry({ dataDir: dir.path });
    registry.commit([apply(service('web')), apply(route, 'a.yaml:3:1')], 'ann');
    expect(registry.commit([apply(route, 'a.yaml:9:1')], 'ann')).toMatchObject({ changed: false, revision: 1 });
    expect(registry.commit([apply(route)], 'ann')).toMatchObject({ changed: false });
    registry.close();
    registry = openRegistry({ dataDir: dir.path });
    expect(registry.object('Route/api')).toMatchObject({ origin: 'a.yaml:9:1', revision: 1 });
    registry.close();
  });

  it('may refer only to what is there once all edits are in', () => {
    using at = opened();
    const { registry } = at;
    const refused = (...edits: Edit[]) => refusal(() => registry.commit(edits, 'ann'));
    expect(refused(apply(route))).toMatchObject({
      code: 'reference-missing',
      message: 'route "api" refers to service "web", which is not there',
      errors: [{ field: '/to/0/service' }],
    });
    registry.commit([apply(route), apply(service('web'))], 'ann');
    expect(refused({ op: 'delete', id: 'web' })).toMatchObject({ code: 'still-in-use', message: 'service "web" cannot go: route "api" refers to it' });
    expect(refused(apply({ ...listener('https', '0.0.0.0:443'), protocol: 'https', certificates: ['none'] }))).toMatchObject({ code: 'reference-missing' });
    registry.commit([{ op: 'delete', id: 'web' }, apply({ ...route, to: [{ service: 'other' }] }), apply(service('other'))], 'ann');
    registry.commit(
      [
        { op: 'remove', key: 'Route/api' },
        { op: 'remove', key: 'other' },
      ],
      'ann',
    );
    expect([...registry.objects()]).toEqual([]);
    expect(refused({ op: 'remove', key: 'Route/api' })).toMatchObject({ code: 'object-not-found', message: 'there is no route "api"' });
  });

  it('own their names and addresses, in the groups that they are for', () => {
    using at = opened();
    const { registry } = at;
    const refused = (...edits: Edit[]) => refusal(() => registry.commit(edits, 'ann')).code;
    registry.commit([apply(service('web')), apply(listener('one', '127.0.0.1:80'))], 'ann');
    expect(refused(apply(raw))).toBe('name-taken');
    registry.commit([apply({ ...raw, type: 'type.googleapis.com/envoy.config.listener.v3.Listener' })], 'ann');
    expect(refused(apply(listener('web', '127.0.0.1:81')))).toBe('name-taken');
    for (const address of ['127.0.0.1:80', '0.0.0.0:80']) expect(refused(apply(listener('two', address)))).toBe('address-taken');
    registry.commit([apply(listener('two', '127.0.0.2:80')), apply(listener('three', '127.0.0.1:81'))], 'ann');
    registry.commit([apply({ ...listener('one', '127.0.0.1:80'), groups: ['a'] }), apply({ ...listener('four', '127.0.0.1:80'), groups: ['b'] })], 'ann');
  });

  it('own what Envoys know their resources by, whatever they are called themselves', () => {
    using at = opened();
    const { registry } = at;
    const refused = (...edits: Edit[]) => refusal(() => registry.commit(edits, 'ann')).code;
    const named = (name: string, resource: Raw['resource'], more: Partial<Raw> = {}): Edit => apply({ ...raw, name, resource, ...more });
    const endpoints = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
    registry.commit([named('a', { name: 'x' }), named('b', { clusterName: 'x' }, { type: endpoints }), named('c', { name: 'y' }, { groups: ['edge'] })], 'ann');
    expect(refused(named('d', { name: 'x' }))).toBe('name-taken');
    expect(refused(named('x', {}))).toBe('name-taken');
    expect(refused(apply(service('x')))).toBe('name-taken');
    expect(refused(named('d', { name: 'z' }), named('e', { name: 'z' }))).toBe('name-taken');
    expect(refused(apply(service('z')), named('d', { name: 'z' }))).toBe('name-taken');
    expect(refused(named('d', { clusterName: 'http' }, { type: 'type.googleapis.com/envoy.config.listener.v3.Listener', name: 'http' }))).toBe('name-taken');
    // One that goes makes room in the same commit, and groups without an Envoy in common do not meet.
    registry.commit([named('d', { name: 'x' }), named('a', { name: 'w' }), named('e', { name: 'y' }, { groups: ['lab'] })], 'ann');
    registry.commit([{ op: 'remove', key: 'Raw/d' }, { op: 'remove', key: 'Raw/b' }, apply(service('x'))], 'ann');
  });

  it('are guarded by the revision that they had', () => {
    using at = opened();
    const { registry } = at;
    registry.commit([apply(service('web')), apply(route)], 'ann');
    expect(refusal(() => registry.commit([{ op: 'remove', key: 'Route/api', expect: 7 }], 'ann'))).toMatchObject({
      code: 'precondition-failed',
      message: 'route "api" is at revision 1 now, not at revision 7: it changed in the meantime',
    });
  });
});
