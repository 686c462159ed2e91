import { describe, expect, it } from 'vitest';
import type { Answer } from './frame.ts';
import { forgo, outlive, refuse } from './rejection.ts';
import { CLUSTER } from './types.ts';

function answer(names: string[], from = 1, seq = 2): Answer {
  return { type: CLUSTER, version: 'v', nonce: 'n', from, seq, names };
}

const envoy = (...names: string[]) => ({ code: 13, message: `Error adding/updating cluster(s) ${names.map((name) => `${name}: malformed`).join(', ')}` });
const vague = { code: 13, message: 'Proto constraint validation failed' };

describe('the culprits', () => {
  it.each([
    ['by name', 'Error adding/updating cluster(s) web.example.com: bad', ['web.example.com']],
    ['at the end of a sentence', 'cannot add cluster web.example.com.', ['web.example.com']],
    ['in quotes', 'no such thing as "*.example.com"', ['*.example.com']],
    ['never as a part of a longer name', 'Error adding/updating cluster(s) www.web.example.com2: bad', undefined],
    ['more than one', 'cluster(s) web.example.com: bad, api: worse', ['api', 'web.example.com']],
    ['none', 'bad', undefined],
  ])('are found in what Envoy says: %s', (_, message, culprits) => {
    const { culprits: found } = refuse(answer(['web.example.com', '*.example.com', 'api', 'example.com']), { code: 13, message }, undefined);
    expect(found && [...found].toSorted()).toEqual(culprits);
  });
});

describe('a refusal stands', () => {
  it('until what it is about has been replaced', () => {
    const refused = refuse(answer(['a', 'b', 'c']), envoy('a', 'b'), undefined);
    expect(outlive(refused, answer(['c', 'd']))).toEqual(refused);
    const half = outlive(refused, answer(['a', 'd']));
    expect([...(half?.culprits ?? [])]).toEqual(['b']);
    expect(half && outlive(half, answer(['b']))).toBeUndefined();
  });

  it('where it is not known what it is about, until anything in it has been', () => {
    const refused = refuse(answer(['a', 'b']), vague, undefined);
    expect(outlive(refused, answer(['c']))).toBe(refused);
    expect(outlive(refused, answer(['b']))).toBeUndefined();
  });

  it('as long as the names are wanted', () => {
    const refused = refuse(answer(['a', 'b']), envoy('a', 'b'), undefined);
    expect(forgo(refused, () => true)).toBe(refused);
    expect([...(forgo(refused, (name) => name === 'b')?.culprits ?? [])]).toEqual(['b']);
    expect(forgo(refused, () => false)).toBeUndefined();
    const unnamed = refuse(answer(['a', 'b']), vague, undefined);
    expect(forgo(unnamed, (name) => name === 'b')).toBe(unnamed);
    expect(forgo(unnamed, (name) => name === 'c')).toBeUndefined();
  });

  it('together with those before it', () => {
    const first = refuse(answer(['a'], 1, 2), envoy('a'), undefined);
    const second = refuse(answer(['b', 'c'], 4, 5), envoy('b'), first);
    expect([second.from, second.answer.seq, [...(second.culprits ?? [])].toSorted()]).toEqual([1, 5, ['a', 'b']]);
    expect(second.error).toEqual(envoy('b'));
    // What came along in the newer answer and is not named in it counts as taken.
    const third = refuse(answer(['a', 'd'], 5, 6), envoy('d'), second);
    expect([...(third.culprits ?? [])].toSorted()).toEqual(['b', 'd']);
    expect(refuse(answer(['e'], 6, 7), vague, third).culprits).toBeUndefined();
  });
});
