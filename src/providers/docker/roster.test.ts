import { describe, expect, it } from 'vitest';
import { container } from './container.fixture.ts';
import type { Container } from './container.ts';
import type { EngineEvent } from './events.ts';
import { KEPT_MS, MOST_GONE, Roster } from './roster.ts';

const T0 = Date.parse('2026-01-02T03:00:00Z');
const iso = (at: number): string => new Date(at).toISOString();

function facts(id: string, more: Partial<Container> = {}, startedAt = T0) {
  return { container: container(id, { createdAt: iso(T0), ...more }), startedAt };
}

const event = (what: EngineEvent['what'], at: number, more: Partial<EngineEvent> = {}): EngineEvent => ({ id: 'a', what, at, ...more });

function setUp(more: Partial<Container> = {}) {
  const roster = new Roster();
  roster.put(facts('a', more), 0, T0);
  return { roster, a: () => roster.get('a')?.container };
}

describe('Roster', () => {
  it('knows of a stop signal by the event alone, and until the container has ended', () => {
    const { roster, a } = setUp();
    expect(roster.hear(event('kill', T0 + 1000, { signal: '15' }), 0, T0 + 1000)).toBe(true);
    expect(a()).toMatchObject({ state: 'running', stoppingSince: iso(T0 + 1000) });
    roster.put(facts('a', { health: 'healthy' }), 0, T0 + 2000);
    expect(roster.hear(event('kill', T0 + 3000, { signal: '9' }), 0, T0 + 3000)).toBe(false);
    expect(a()?.stoppingSince).toBe(iso(T0 + 1000));
    expect(roster.hear(event('die', T0 + 4000), 0, T0 + 4000)).toBe(true);
    expect(a()).toMatchObject({ state: 'exited', exitedAt: iso(T0 + 4000) });
    expect(a()).not.toHaveProperty('stoppingSince');
  });

  it('knows of it by an engine that says so where it tells of no signal', () => {
    const { roster, a } = setUp();
    roster.put({ ...facts('a'), isStopping: true }, 0, T0 + 1000);
    roster.put({ ...facts('a'), isStopping: true }, 0, T0 + 2000);
    expect(a()).toMatchObject({ state: 'running', stoppingSince: iso(T0 + 1000) });
  });

  it('leaves other signals alone', () => {
    const { roster, a } = setUp();
    expect(roster.hear(event('kill', T0 + 1, { signal: '1' }), 0, T0 + 1)).toBe(false);
    expect(a()).not.toHaveProperty('stoppingSince');
  });

  it('forgets the stop signal and the end of the last run when a container was started again', () => {
    const { roster, a } = setUp();
    roster.hear(event('kill', T0 + 1000, { signal: '15' }), 0, T0 + 1000);
    roster.put(facts('a', {}, T0 + 2000), 0, T0 + 2000);
    expect(a()).not.toHaveProperty('stoppingSince');
    roster.hear(event('die', T0 + 3000), 0, T0 + 3000);
    roster.put(facts('a', {}, T0 + 4000), 0, T0 + 4000);
    expect(a()).toMatchObject({ state: 'running' });
    expect(a()).not.toHaveProperty('exitedAt');
  });

  it('takes no event of an earlier run for one of this: engines repeat them when they are asked for the past', () => {
    const { roster, a } = setUp();
    for (const what of ['kill', 'die'] as const) expect(roster.hear(event(what, T0 - 1, { signal: '15' }), 0, T0 + 5)).toBe(false);
    expect(a()).toEqual(facts('a').container);
  });

  it('tells times by our clock, and of nothing that is yet to come', () => {
    const hour = 3_600_000;
    const { roster, a } = setUp();
    roster.hear(event('kill', T0 + 1000, { signal: '15' }), hour, T0 + hour + 5000);
    expect(a()?.stoppingSince).toBe(iso(T0 + hour + 1000));
    roster.put(facts('a', { state: 'exited', exitedAt: iso(T0 + 2 * hour) }), 0, T0 + 9000);
    expect(a()?.exitedAt).toBe(iso(T0 + 9000));
  });

  it('keeps those that are gone for a time, and not too many of them', () => {
    const roster = new Roster();
    for (let i = 0; i < MOST_GONE + 5; i++) {
      roster.put(facts(`c${i}`), 0, T0);
      roster.gone(`c${i}`, T0 + i);
    }
    roster.put(facts('a'), 0, T0);
    expect([roster.ids(), roster.gone('c1', T0 + 9), roster.gone('nobody', T0)]).toEqual([['a'], false, false]);
    roster.prune(T0);
    expect(roster.list().length).toBe(MOST_GONE + 1);
    expect([roster.has('c4'), roster.has('c5')]).toEqual([false, true]);
    expect(roster.prune(T0 + KEPT_MS + 10)).toContain('c9');
    expect([roster.has('c9'), roster.has('c10')]).toEqual([false, true]);
    expect(roster.list().at(0)).toMatchObject({ id: 'a', state: 'running' });
  });
});
