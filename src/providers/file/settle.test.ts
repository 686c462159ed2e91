import { describe, expect, it } from 'vitest';
import { GONE_MS, type Memory, SETTLE_MS, settle } from './settle.ts';
import type { Seen } from './walk.ts';

const file = (stamp: string): Seen => ({ state: 'file', stamp, size: 1 });
const absent: Seen = { state: 'absent' };

/** Plays looks at one file. @returns what came of each */
function play(looks: readonly (readonly [at: number, seen: Seen])[], start?: Memory): string[] {
  let memory = start;
  return looks.map(([at, seen]) => {
    const verdict = settle(memory, seen, at, false);
    if ('memory' in verdict && verdict.memory !== undefined) memory = verdict.memory;
    if (verdict.what === 'read' && seen.state === 'file') memory = { ...verdict.memory, read: seen.stamp };
    if (verdict.what === 'gone') memory = undefined;
    return verdict.what === 'wait' ? `wait ${verdict.ms}` : verdict.what;
  });
}

const known: Memory = { read: 'a', seen: 'a', since: 0 };

describe('settle', () => {
  it('reads a file once it has stayed the same', () => {
    expect(
      play([
        [0, file('a')],
        [50, file('a')],
        [SETTLE_MS, file('a')],
        [900, file('a')],
      ]),
    ).toEqual([`wait ${SETTLE_MS}`, `wait ${SETTLE_MS - 50}`, 'read', 'same']);
  });

  it('waits anew with each change, and for nothing where it is back to what was read', () => {
    const looks = [
      [10, file('b')],
      [150, file('c')],
      [250, file('c')],
      [350, file('c')],
    ] as const;
    expect(play(looks, known)).toEqual([`wait ${SETTLE_MS}`, `wait ${SETTLE_MS}`, 'wait 100', 'read']);
    expect(
      play(
        [
          [10, file('b')],
          [20, file('a')],
          [5000, file('b')],
        ],
        known,
      ),
    ).toEqual([`wait ${SETTLE_MS}`, 'same', `wait ${SETTLE_MS}`]);
  });

  it('takes a file for gone when it has been gone for a while, not when it is made anew', () => {
    expect(
      play(
        [
          [10, absent],
          [10 + GONE_MS, absent],
        ],
        known,
      ),
    ).toEqual([`wait ${GONE_MS}`, 'gone']);
    expect(
      play(
        [
          [10, absent],
          [500, file('a')],
          [5000, absent],
          [5500, absent],
        ],
        known,
      ),
    ).toEqual([`wait ${GONE_MS}`, 'same', `wait ${GONE_MS}`, 'wait 500']);
  });

  it('leaves alone what is there and cannot be read', () => {
    expect(settle(known, { state: 'fault', why: 'is no plain file' }, 5000, true)).toEqual({ what: 'same' });
  });

  it('waits for nothing where somebody waits for it', () => {
    expect(settle(undefined, file('a'), 0, true).what).toBe('read');
    expect(settle(known, absent, 0, true).what).toBe('gone');
  });
});
