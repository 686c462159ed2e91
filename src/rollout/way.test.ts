import { describe, expect, it } from 'vitest';
import type { Client } from '../xds/server.ts';
import { CLUSTER, VIRTUAL_HOST } from '../xds/types.ts';
import { client } from './testkit.ts';
import { EVERY_GROUP, wayKey, wayOf } from './way.ts';

function envoy(version: string, more: Partial<Client> = {}): Client {
  const { node, ...rest } = client('a');
  return { ...rest, node: { ...node, version }, ...more };
}

describe('the way of a stream', () => {
  it('is on demand in the groups that are named, or in every group', () => {
    const way = (group: string, onDemand: string[]) => wayOf(client('a'), group, onDemand).hosts;
    expect([way('edge', ['lab', 'edge']), way('edge', [EVERY_GROUP]), way('edge', ['lab']), way('edge', [])]).toEqual(['ads', 'ads', undefined, undefined]);
  });

  it.each([
    ['1.36.2', 'separate'],
    ['1.39.9', 'separate'],
    ['1.40.0', 'ads'],
    ['1.100.0', 'ads'],
    ['2.0.0', 'ads'],
    ['', 'separate'],
  ])('of Envoy %s has hosts over %s', (version, hosts) => {
    expect(wayOf(envoy(version), 'edge', ['edge'])).toEqual({ kind: 'ads', hosts });
  });

  it('of a stream for hosts alone is that of the ADS stream that named it', () => {
    const alone = envoy('1.36.2', { onlyType: VIRTUAL_HOST });
    expect(wayKey(wayOf(alone, 'edge', ['edge']))).toBe(wayKey(wayOf(envoy('1.36.2'), 'edge', ['edge'])));
  });

  it.each([
    ['a stream for each type', envoy('1.40.0', { onlyType: CLUSTER }), 'separate'],
    ['state of the world', envoy('1.40.0', { variant: 'sotw' }), 'ads'],
    ['what is not an Envoy', client('a', { userAgent: 'other' }), 'ads'],
    ['a gRPC client', client('a', { userAgent: 'gRPC Go' }), 'grpc'],
  ])('of %s is to be sent everything', (_, asking, kind) => {
    expect(wayOf(asking, 'edge', ['edge'])).toEqual({ kind, hosts: undefined });
  });

  it('has a key that no other has', () => {
    const keys = (['ads', 'separate'] as const).flatMap((kind) => [undefined, 'ads' as const, 'separate' as const].map((hosts) => wayKey({ kind, hosts })));
    expect(new Set(keys).size).toBe(6);
  });
});
