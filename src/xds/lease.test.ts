import { describe, expect, it } from 'vitest';
import type { Answer } from './frame.ts';
import { Lease, leasedVersion } from './lease.ts';
import { resource } from './testkit.ts';
import { LISTENER } from './types.ts';

const PARTLY = { replaces: false, partly: true };
const NO = { code: 13, message: 'Error adding/updating listener(s) b: no' };

/** `name=content` of each; without content, taken away. */
function answer(version: string, contents: Readonly<Record<string, string | null>>): Answer {
  const leased = Object.entries(contents).flatMap(([name, content]) => (content === null ? [] : [resource(LISTENER, name, content)]));
  return { type: LISTENER, version, nonce: version, from: 0, seq: 1, names: Object.keys(contents), leased };
}

function held(lease: Lease): string[] {
  return [...lease.held.values()].map(({ name, version }) => `${name}=${version}`).toSorted();
}

function versions(contents: Readonly<Record<string, string>>): string[] {
  return Object.entries(contents).map(([name, content]) => `${name}=${resource(LISTENER, name, content).version}`);
}

describe('a lease', () => {
  it('is on what was acknowledged, without what was taken away', () => {
    const lease = new Lease(10);
    lease.answered(answer('1', { a: 'x', b: 'x' }), 0, undefined, PARTLY);
    const { sum } = lease;
    lease.answered(answer('2', { a: null, b: 'y' }), 0, undefined, PARTLY);
    expect([held(lease), lease.version]).toEqual([versions({ b: 'y' }), '2']);
    lease.answered(answer('3', { a: 'x', b: 'x' }), 0, undefined, PARTLY);
    expect(lease.sum).toBe(sum);
    lease.answered(answer('4', { c: 'x' }), 0, undefined, { replaces: true, partly: true });
    expect(held(lease)).toEqual(versions({ c: 'x' }));
  });

  it('stays on the old version of what was refused', () => {
    const lease = new Lease(10);
    lease.answered(answer('1', { a: 'x', b: 'x' }), 0, undefined, PARTLY);
    lease.answered(answer('2', { a: 'y', b: 'y' }), 0, NO, { replaces: false, partly: false });
    expect([held(lease), lease.version]).toEqual([versions({ a: 'x', b: 'x' }), '1']);
    lease.answered(answer('3', { a: 'y', b: 'y' }), 0, NO, PARTLY);
    expect([held(lease), lease.version]).toEqual([versions({ a: 'y', b: 'x' }), '3-3']);
    lease.answered(answer('4', { a: 'z' }), 0, { code: 13, message: 'no' }, PARTLY);
    expect(held(lease)).toEqual(versions({ a: 'y', b: 'x' }));
  });

  it('counts from when what was acknowledged was sent', () => {
    const lease = new Lease(10);
    lease.answered(answer('1', { a: 'x' }), 1000, undefined, PARTLY);
    expect([lease.lapsed(10_999), lease.lapsed(11_000)]).toEqual([false, true]);
    lease.sent('n', 5000);
    expect(lease.lapsed(11_000)).toBe(true);
    expect([lease.beaten('other', undefined, 5001), lease.beaten('n', undefined, 10_000)]).toEqual([undefined, []]);
    expect([lease.lapsed(14_999), lease.lapsed(15_000)]).toEqual([false, true]);
  });

  it('ends where a heartbeat was refused, or answered when the time was up', () => {
    for (const [error, now] of [
      [NO, 2000],
      [undefined, 11_000],
    ] as const) {
      const lease = new Lease(10);
      lease.answered(answer('1', { a: 'x', b: 'x' }), 1000, undefined, PARTLY);
      lease.sent('n', 1500);
      expect(lease.beaten('n', error, now)).toEqual(['a', 'b']);
      expect([held(lease), lease.sum]).toEqual([[], 0n]);
    }
  });

  it('shows in the version', () => {
    expect([leasedVersion('v', new Lease(10)), leasedVersion('v', undefined)]).toEqual(['v~10', 'v']);
  });
});
