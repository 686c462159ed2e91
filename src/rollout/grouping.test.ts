import { describe, expect, it } from 'vitest';
import { parseGroupRule } from '../model/group-rule.ts';
import type { Move } from '../model/placement.ts';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { Grouping } from './grouping.ts';

const api = loadEnvoyApi();
const node = (more: { id?: string; cluster?: string; metadata?: Buffer } = {}) => ({ id: 'n', cluster: '', userAgent: '', version: '', ...more });
const metadata = api.encode('google.protobuf.Struct', { labels: { role: 'edge' } });

describe('the group of a node', () => {
  it('is its node.cluster unless said otherwise, else default', () => {
    const grouping = new Grouping();
    expect(grouping.own(node({ cluster: 'edge' }))).toEqual({ group: 'edge', from: 'cluster' });
    expect(grouping.own(node())).toEqual({ group: 'default', from: 'default' });
  });

  it('is that of the first rule that matches', () => {
    const grouping = new Grouping({ rules: ['one=id:n-*', 'two=metadata:labels.role=edge', 'three=cluster:*'].map(parseGroupRule) });
    expect(grouping.own(node({ id: 'n-1', metadata }))).toEqual({ group: 'one', from: 'rule', rule: 'one=id:n-*' });
    expect(grouping.own(node({ metadata }))).toEqual({ group: 'two', from: 'rule', rule: 'two=metadata:labels.role=edge' });
    expect(grouping.own(node())).toEqual({ group: 'three', from: 'rule', rule: 'three=cluster:*' });
  });

  it('is where it was moved, whatever it is of its own', () => {
    const move: Move = { node: 'n', group: 'lab', at: '2026-01-01T00:00:00.000Z', by: 'ann@laptop' };
    const grouping = new Grouping({ rules: [parseGroupRule('one=id:*')], moves: new Map([['n', move]]) });
    const own = grouping.own(node());
    expect(grouping.of('n', own)).toEqual({ group: 'lab', from: 'move', at: move.at, by: move.by });
    expect(grouping.of('other', own)).toBe(own);
  });

  it('cannot be told where a rule needs metadata that is broken; where none does, nobody looks', () => {
    const broken = node({ id: 'edge-1', metadata: Buffer.from([10, 5, 97]) });
    expect(() => new Grouping({ rules: [parseGroupRule('lab=metadata:a=b')] }).own(broken)).toThrow('node.metadata is not');
    expect(new Grouping({ rules: ['edge=id:edge-*', 'lab=metadata:a=b'].map(parseGroupRule) }).own(broken).group).toBe('edge');
    expect(new Grouping().own(broken).group).toBe('default');
  });
});
