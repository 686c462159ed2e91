import { describe, expect, it } from 'vitest';
import { search } from './search.ts';

/** Numbers that look random and are the same for the same seed (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `o${i}`);

/** Plays it against a client that takes an answer only where all culprits are held. */
function play(suspects: readonly string[], culprits: readonly string[], { guess = [], isSafe = true }: { guess?: readonly string[]; isSafe?: boolean } = {}) {
  const tried: ReadonlySet<string>[] = [];
  let refused = 0;
  const steps = search(suspects, guess, isSafe);
  for (let step = steps.next(); ; ) {
    if (step.done === true) return { found: step.value.toSorted(), refused, tried };
    const held = step.value;
    tried.push(held);
    const isTaken = culprits.every((key) => held.has(key));
    if (!isTaken) refused++;
    step = steps.next(isTaken);
  }
}

describe('the search for culprits', () => {
  it('finds the one of a thousand, refused not more often than the logarithm says', () => {
    for (const at of [0, 1, 499, 500, 998, 999]) {
      const { found, refused } = play(names(1000), [`o${at}`]);
      expect(found).toEqual([`o${at}`]);
      expect(refused).toBeLessThanOrEqual(10);
    }
  });

  it('is not refused at all where the guess is right, and once where it is wrong', () => {
    expect(play(names(100), ['o7'], { guess: ['o7'] })).toMatchObject({ found: ['o7'], refused: 0 });
    const wrong = play(names(100), ['o7'], { guess: ['o8'] });
    expect(wrong.found).toEqual(['o7']);
    expect(wrong.refused).toBeLessThanOrEqual(8);
    expect(play(names(100), ['o7'], { guess: ['o6', 'o7', 'o8'] })).toMatchObject({ found: ['o7'] });
  });

  it('finds any number of them, whatever the guess', () => {
    const next = random(7);
    for (let round = 0; round < 300; round++) {
      const suspects = names(1 + next(40));
      const pick = (count: number): string[] => Array.from({ length: count }, () => suspects[next(suspects.length)] ?? '');
      const culprits = [...new Set(pick(1 + next(4)))];
      const played = play(suspects, culprits, { guess: [...new Set(pick(next(3)))], isSafe: next(2) === 0 });
      expect(played.found, `round ${round}`).toEqual(culprits.toSorted());
    }
  });

  it('holds back the newest first where that may cost something', () => {
    const { found, tried } = play(names(1000), ['o2'], { isSafe: false });
    expect(found).toEqual(['o2']);
    expect(Math.max(...tried.map((held) => held.size))).toBe(4);
  });

  it('finds none where it is refused without any of them', () => {
    expect(play(names(5), ['somebody else'])).toMatchObject({ found: [], refused: 1 });
    expect(play(names(1), ['somebody else'])).toMatchObject({ found: [], refused: 1 });
  });
});
