import { describe, expect, it } from 'vitest';
import type { Answer } from './frame.ts';
import { Parked } from './parked.ts';
import type { Resource } from './resource.ts';
import { resource } from './testkit.ts';
import { CLUSTER } from './types.ts';

const made = (name: string, content: string): Resource => resource(CLUSTER, name, content);
const [good, bad, other] = [made('a', 'good'), made('a', 'bad'), made('b', '1')];
const NOBODY = new Set<string>();

function answer(whole: readonly Resource[], withheld?: ReadonlySet<string>): Answer {
  return { type: CLUSTER, version: '', nonce: '', from: 0, seq: 1, names: whole.map(({ name }) => name), whole, ...(withheld && { withheld }) };
}

describe('what was refused', () => {
  it('is stood in for by what the client has, which may be nothing', () => {
    const parked = new Parked();
    parked.answered(answer([good, other]), NOBODY, false);
    parked.answered(answer([bad, other]), new Set(['a']), false);
    expect([...parked.withhold([bad, other])]).toEqual([['a', good]]);
    const fresh = new Parked();
    fresh.answered(answer([bad, other]), new Set(['a']), false);
    expect([...fresh.withhold([bad, other])]).toEqual([['a', undefined]]);
  });

  it('is sent as it is to a client of which nobody knows what it has', () => {
    const parked = new Parked();
    parked.answered(answer([bad, other]), new Set(['a']), true);
    expect(parked.size).toBe(0);
    const known = new Parked();
    known.holds([good, other]);
    known.answered(answer([bad, other]), new Set(['a']), true);
    expect(known.withhold([bad]).get('a')).toBe(good);
  });

  it('goes on with what stood in for it where the next is refused as well', () => {
    const parked = new Parked();
    const worse = made('a', 'worse');
    parked.answered(answer([good]), NOBODY, false);
    parked.answered(answer([bad]), new Set(['a']), false);
    expect(parked.withhold([worse]).size).toBe(0);
    parked.answered(answer([worse]), new Set(['a']), false);
    expect(parked.withhold([worse]).get('a')).toBe(good);
  });

  it('stays back until it is due, or taken after all, and then may have to be sent', () => {
    const parked = new Parked();
    const park = (): void => void parked.answered(answer([bad]), new Set(['a']), false);
    park();
    parked.release((name) => name === 'a');
    expect(parked.size).toBe(0);
    park();
    expect(parked.answered(answer([bad, other]), NOBODY, false)).toEqual([]);
    park();
    parked.letGo('a');
    park();
    parked.withhold([bad]);
    expect(parked.answered(answer([other], new Set(['a'])), NOBODY, false)).toEqual([]);
    expect(parked.size).toBe(1);
    expect(parked.answered(answer([bad, other]), NOBODY, false)).toEqual(['a']);
  });

  it('is not held against a client that let go of it', () => {
    const parked = new Parked();
    parked.answered(answer([good, other]), NOBODY, false);
    parked.letGo('a');
    parked.answered(answer([bad, other]), new Set(['a']), false);
    expect([...parked.withhold([bad])]).toEqual([['a', undefined]]);
    parked.letGoOfAllBut(new Set(['b']));
    expect(parked.size).toBe(0);
  });

  it('is something else where the error names what was taken before', () => {
    const parked = new Parked();
    parked.answered(answer([good, other]), NOBODY, false);
    parked.answered(answer([good, bad]), new Set(['a']), false);
    expect(parked.withhold([good]).size).toBe(0);
  });
});
