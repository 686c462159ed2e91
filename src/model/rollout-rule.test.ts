import { describe, expect, it } from 'vitest';
import { parseCanary, parsePushLimit, ruleFor } from './rollout-rule.ts';

describe('how carefully changes go out', () => {
  it.each([
    ['1', { group: undefined, size: { nodes: 1 } }],
    ['edge=10%', { group: 'edge', size: { share: 0.1 } }],
    ['edge=0', { group: 'edge', size: undefined }],
    ['edge=0%', { group: 'edge', size: undefined }],
    ['100%', { group: undefined, size: { share: 1 } }],
  ])('canary %s', (text, expected) => {
    expect(parseCanary(text)).toEqual(expected);
  });

  it.each(['', 'edge', 'edge=', '101%', '-1', '1.5', 'a=b=1', '1 %'])('canary %j is refused', (text) => {
    expect(() => parseCanary(text)).toThrow('as in edge=1 or edge=10%');
  });

  it.each([
    ['20', { group: undefined, most: 20 }],
    ['edge=5', { group: 'edge', most: 5 }],
    ['edge=0', { group: 'edge', most: undefined }],
  ])('push limit %s', (text, expected) => {
    expect(parsePushLimit(text)).toEqual(expected);
  });

  it.each(['', 'x', '1001', '-1', '0.5'])('push limit %j is refused', (text) => {
    expect(() => parsePushLimit(text)).toThrow('as in edge=5');
  });

  it('a group has its own, else the one for all', () => {
    const rules = ['1', 'edge=2', 'edge=0', '3'].map(parseCanary);
    expect([ruleFor(rules, 'edge')?.size, ruleFor(rules, 'lab')?.size, ruleFor([], 'lab')]).toEqual([undefined, { nodes: 3 }, undefined]);
  });
});
