import { describe, expect, it } from 'vitest';
import { type Raw, resourceNameOf } from './raw.ts';
import { RAW_FIELDS, rawSchema } from './raw-schema.ts';
import { parseOrThrow } from './validation.ts';

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ENDPOINTS = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';

const read = (input: unknown): Raw => parseOrThrow(rawSchema, input, RAW_FIELDS);
const web = (more: object = {}): object => ({ kind: 'Raw', name: 'web', type: CLUSTER, resource: { connectTimeout: '1s' }, ...more });

/** Nested as deep as that. */
function nested(levels: number): object {
  let value: object = {};
  for (let i = 1; i < levels; i++) value = { a: value };
  return value;
}

describe('a raw resource', () => {
  it('is what was said, without what the registry adds', () => {
    const said = { ...web({ groups: ['b', 'a'], labels: { team: 'web' } }), revision: 5, createdAt: 'x' };
    expect(read(said)).toStrictEqual({ ...web(), groups: ['a', 'b'], labels: { team: 'web' } });
    expect(read(read(said))).toStrictEqual(read(said));
  });

  it('may leave out what every type begins with, and bring along what a config_dump adds', () => {
    expect(read(web({ type: CLUSTER.slice(20) }))).toStrictEqual(web());
    expect(read(web({ resource: { '@type': CLUSTER, connectTimeout: '1s' } }))).toStrictEqual(web());
    expect(() => read(web({ resource: { '@type': ENDPOINTS } }))).toThrow(`/resource/@type: is not the type above, ${CLUSTER}; leave it out`);
  });

  it('keeps every member, whatever its name', () => {
    const { resource } = read(web({ resource: JSON.parse('{"__proto__":{"a":1},"constructor":2}') }));
    expect(JSON.stringify(resource)).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it.each([
    [5, 'a raw resource must be an object with kind, name, type and resource'],
    [{ ...web(), kind: 'Route' }, '/kind: kind must be Raw'],
    [{ kind: 'Raw', name: 'web', type: CLUSTER }, '/resource: "resource" is missing'],
    [{ kind: 'Raw', type: CLUSTER, resource: {} }, '/name: "name" is missing'],
    [web({ name: 'a b' }), '/name: the name must be 1 to 253 lower-case letters'],
    [web({ resources: {} }), '/resources: unknown field "resources" (did you mean "resource"?)'],
    [web({ resource: [] }), '/resource: resource must be an object, a message of Envoy in canonical JSON'],
    [web({ resource: null }), '/resource: resource must be an object'],
    [web({ type: 'cluster' }), '/type: the type "cluster" is not the name of a message, as in type.googleapis.com/envoy.config.cluster.v3.Cluster'],
    [web({ type: `https://example.com/${CLUSTER.slice(20)}` }), 'must begin with type.googleapis.com/'],
    [web({ resource: { name: 'xds_cluster' } }), '/name: the name "xds_cluster" is that of the cluster by which Envoys reach Envoyage'],
    [web({ type: 5 }), '/type: the type must be a string'],
    [web({ resource: { a: [1, { b: Number.POSITIVE_INFINITY }] } }), '/resource/a/1/b: must be a number that JSON has, or text, as in "Infinity"'],
    [web({ resource: { a: new Date(0) } }), '/resource/a: is nothing that JSON has'],
    [web({ resource: { a: 5n } }), '/resource/a: is nothing that JSON has'],
    [web({ resource: nested(102) }), '/resource/a/a/a: is more than 100 levels deep'],
    [web({ resource: nested(100_000) }), 'is more than 100 levels deep'],
  ])('is refused where it is wrong, case %#', (input, message) => {
    expect(() => read(input)).toThrow(message);
  });

  it('may be as deep as Envoy reads', () => {
    expect(read(web({ resource: nested(101) }))).toStrictEqual(web({ resource: nested(101) }));
  });
});

describe('resourceNameOf', () => {
  it.each([
    [CLUSTER, {}, 'web'],
    [CLUSTER, { name: '' }, 'web'],
    [CLUSTER, { name: 'Web/1' }, 'Web/1'],
    [ENDPOINTS, { clusterName: 'a' }, 'a'],
    [ENDPOINTS, { cluster_name: 'a' }, 'a'],
    [ENDPOINTS, { name: 'a' }, 'web'],
  ])('of %s %j is %s', (type, resource, expected) => {
    expect(resourceNameOf({ name: 'web', type, resource })).toBe(expected);
  });
});
