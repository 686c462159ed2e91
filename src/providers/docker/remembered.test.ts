import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Health } from '../provider.ts';
import type { EngineState } from './container.ts';
import type { EngineListener, EngineSource } from './engines.ts';
import { RememberedEngine } from './remembered.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const state = (...names: string[]): EngineState => ({ host: 'local', containers: names.map((name) => ({ name }) as never) });
const DOWN: Health = { state: 'down', message: 'away' };

function setUp(kept?: string) {
  let inner: EngineListener | undefined;
  const memory = { body: kept, saves: 0 };
  const source: EngineSource = {
    hosts: ['local'],
    start: (listener) => {
      inner = listener;
    },
    resync: () => undefined,
    stop: async () => undefined,
  };
  const told: unknown[] = [];
  const faults: unknown[] = [];
  const store = {
    load: () => memory.body,
    save: (body: string) => {
      memory.body = body;
      memory.saves++;
    },
  };
  const engine = new RememberedEngine(source, 'local', store, (thrown) => faults.push(thrown));
  engine.start({
    state: ({ containers }) => told.push(containers.map(({ name }) => name)),
    gone: () => told.push('gone'),
    report: (_, health) => told.push(health.state),
  });
  if (inner === undefined) throw new Error('it was not started');
  return { engine, told, faults, memory, inner };
}

it('speaks for an engine that is away at the start, by what that said last, and no more once it has spoken', () => {
  const { told, inner } = setUp(JSON.stringify(state('web')));
  inner.report('local', DOWN);
  inner.report('local', DOWN);
  inner.state(state('api'));
  inner.report('local', DOWN);
  expect(told).toEqual(['down', ['web'], 'down', ['api'], 'down']);
});

it('says that there is nothing where nothing was ever said, or what was cannot be read', () => {
  for (const kept of [undefined, '{']) {
    const { told, faults, inner } = setUp(kept);
    inner.report('local', DOWN);
    expect(told).toEqual(['down', []]);
    expect(faults).toHaveLength(kept === undefined ? 0 : 1);
  }
});

it('remembers the latest, now and then, and when it stops', async () => {
  const { engine, memory, inner } = setUp();
  for (const name of ['a', 'b', 'c']) inner.state(state(name));
  expect(memory.saves).toBe(0);
  vi.advanceTimersByTime(5000);
  expect([memory.saves, memory.body]).toEqual([1, JSON.stringify(state('c'))]);
  inner.state(state('d'));
  await engine.stop();
  expect([memory.saves, memory.body]).toEqual([2, JSON.stringify(state('d'))]);
  vi.advanceTimersByTime(60_000);
  expect(memory.saves).toBe(2);
});
