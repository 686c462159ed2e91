import { describe, expect, it } from 'vitest';
import { type Metadata, type MetadataValue, matchingRule, parseGroupRule } from './group-rule.ts';

type Plain = string | number | boolean | null | readonly unknown[] | { readonly [key: string]: Plain };

function metadataOf(value: Readonly<Record<string, Plain>>): Metadata {
  const read = (item: Plain): MetadataValue =>
    item === null || Array.isArray(item) ? undefined : typeof item === 'object' ? metadataOf(item as Record<string, Plain>) : item;
  return new Map(Object.entries(value).map(([key, item]) => [key, read(item)]));
}

/** The group that these rules give, undefined where none matches. */
function groupOf(rules: readonly string[], node: { id?: string; cluster?: string; metadata?: Record<string, Plain> }): string | undefined {
  const { id = 'n', cluster = '', metadata = {} } = node;
  return matchingRule(rules.map(parseGroupRule), { id, cluster, metadata: () => metadataOf(metadata) })?.group;
}

describe('rules', () => {
  it('look at node.id and node.cluster', () => {
    expect(groupOf(['edge=id:edge-*'], { id: 'edge-7' })).toBe('edge');
    expect(groupOf(['edge=id:edge-*'], { id: 'lab-7', cluster: 'edge-7' })).toBeUndefined();
    expect(groupOf(['edge=cluster:front-*'], { cluster: 'front-eu' })).toBe('edge');
    expect(groupOf(['odd=id:a=b:c'], { id: 'a=b:c' })).toBe('odd');
  });

  it('are tried in their order, and the first that matches wins', () => {
    const rules = ['first=id:edge-1', 'second=id:edge-*', 'third=id:*'];
    expect(['edge-1', 'edge-2', 'x'].map((id) => groupOf(rules, { id }))).toEqual(['first', 'second', 'third']);
  });

  it('look into metadata: strings, booleans, numbers', () => {
    const metadata = { role: 'edge', canary: true, shard: 7, ratio: 0.5 };
    for (const condition of ['role=edge', 'role=e*', 'role=*', 'canary=true', 'shard=7', 'shard=7.0', 'ratio=0.50', 'shard=*'])
      expect(groupOf([`g=metadata:${condition}`], { metadata }), condition).toBe('g');
    for (const condition of ['role=Edge', 'canary=false', 'canary=1', 'shard=70', 'shard=0x7', 'none=*', 'role.x=*'])
      expect(groupOf([`g=metadata:${condition}`], { metadata }), condition).toBeUndefined();
  });

  it('take a string for what it says, not for a number', () => {
    expect(groupOf(['g=metadata:version=1.0'], { metadata: { version: '1.0' } })).toBe('g');
    expect(groupOf(['g=metadata:version=1.0'], { metadata: { version: '1' } })).toBeUndefined();
    expect(groupOf(['g=metadata:empty='], { metadata: { empty: '' } })).toBe('g');
    expect(groupOf(['g=metadata:url=a=b'], { metadata: { url: 'a=b' } })).toBe('g');
  });

  it('follow a path, through keys that have dots, too', () => {
    expect(groupOf(['g=metadata:a.b.c=1'], { metadata: { a: { b: { c: 1 } } } })).toBe('g');
    expect(groupOf(['g=metadata:app.example.com/role=edge'], { metadata: { 'app.example.com/role': 'edge' } })).toBe('g');
    expect(groupOf(['g=metadata:labels.app.role=edge'], { metadata: { labels: { 'app.role': 'edge' } } })).toBe('g');
    expect(groupOf(['g=metadata:a.b.c=1'], { metadata: { 'a.b': { x: 1 }, a: { 'b.c': 1 } } })).toBe('g');
    expect(groupOf(['g=metadata:a.b=1'], { metadata: { a: { b: { c: 1 } } } })).toBeUndefined();
  });

  it('match no null, list or object, and nothing that JavaScript alone has', () => {
    for (const value of [null, ['edge'], { edge: 'edge' }]) expect(groupOf(['g=metadata:role=*'], { metadata: { role: value } })).toBeUndefined();
    for (const key of ['constructor', '__proto__', 'constructor.name', 'size']) expect(groupOf([`g=metadata:${key}=*`], { metadata: {} })).toBeUndefined();
  });

  it('ask for metadata only where one needs it', () => {
    const node = {
      id: 'edge-1',
      cluster: '',
      metadata: () => {
        throw new Error('it was asked for');
      },
    };
    const rules = ['edge=id:edge-*', 'lab=metadata:role=lab'].map(parseGroupRule);
    expect(matchingRule(rules, node)?.group).toBe('edge');
    expect(() => matchingRule(rules, { ...node, id: 'x' })).toThrow('it was asked for');
  });

  it.each([
    ['edge', 'names no group: write GROUP=id:PATTERN'],
    ['', 'names no group'],
    ['=id:x', 'begins with "", but a group must be 1 to 128 letters'],
    ['a b=id:x', 'begins with "a b", but a group must be 1 to 128 letters'],
    ['edge=edge-*', 'lacks what to look at after "edge=": write edge=id:PATTERN, edge=cluster:PATTERN or edge=metadata:KEY=PATTERN'],
    ['edge=clutser:x', 'looks at "clutser", which is none of them (did you mean "cluster"?): write edge=id:PATTERN'],
    ['edge=id:', 'lacks a pattern after "id:"; * matches everything'],
    ['edge=metadata:role', 'lacks a value: write edge=metadata:KEY=PATTERN'],
    ['edge=metadata:=x', 'has an empty key'],
    ['edge=metadata:a..b=x', 'has an empty key'],
    [`edge=metadata:${'a.'.repeat(16)}a=x`, 'has more than 16 keys'],
    [`edge=id:${'x'.repeat(1024)}`, 'is longer than 1024 characters'],
  ])('%j is refused', (text, message) => {
    expect(() => parseGroupRule(text)).toThrow(message);
  });
});
