import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Health } from '../provider.ts';
import { container } from './container.fixture.ts';
import type { EngineState } from './container.ts';
import { type Declared, LABEL_DEFAULTS, type LabelOptions } from './declare.ts';
import type { EngineListener, EngineSource } from './engines.ts';
import { DockerProvider } from './provider.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

class FakeSource implements EngineSource {
  listener: EngineListener | undefined;
  resynced = 0;
  stopped = 0;
  readonly hosts: string[];
  constructor(...hosts: string[]) {
    this.hosts = hosts;
  }
  start(listener: EngineListener): void {
    this.listener = listener;
  }
  resync(): void {
    this.resynced += 1;
  }
  async stop(): Promise<void> {
    this.stopped += 1;
  }
}

const engine = (host: string, ...names: string[]): EngineState => ({ host, containers: names.map((name) => container(name)) });

/** Names the containers, those that have ended for a minute. */
function declare(engines: readonly EngineState[], _: LabelOptions, now: Date): Declared {
  const containers = engines.flatMap(({ host, containers }) =>
    containers.map(({ name, exitedAt }) => ({ object: `${host}/${name}`, until: exitedAt === undefined ? undefined : Date.parse(exitedAt) + 60_000 })),
  );
  const there = containers.filter(({ until }) => until === undefined || until > now.getTime());
  const [next] = there.flatMap(({ until }) => until ?? []);
  return { state: { objects: there.map(({ object }) => ({ object })), problems: [] }, next: next === undefined ? undefined : new Date(next) };
}

function setUp(...sources: FakeSource[]) {
  const published: unknown[][] = [];
  const reports: Health[] = [];
  const provider = new DockerProvider({ sources, labels: LABEL_DEFAULTS, now: () => new Date(Date.now()), declare });
  provider.start({ publish: ({ objects }) => published.push(objects.map(({ object }) => object)), report: (health) => reports.push(health) });
  return { provider, published, reports, turn: () => vi.advanceTimersByTime(1) };
}

describe('DockerProvider', () => {
  it('publishes once all hosts that it knows of have spoken, and takes what comes in one turn together', () => {
    const [local, agents] = [new FakeSource('local'), new FakeSource('edge-1', 'edge-2')];
    const { published, turn } = setUp(local, agents);
    turn();
    local.listener?.state(engine('local', 'a'));
    agents.listener?.state(engine('edge-1', 'b'));
    turn();
    expect(published).toEqual([]);
    agents.listener?.gone('edge-2');
    agents.listener?.state(engine('edge-1', 'b', 'c'));
    turn();
    expect(published).toEqual([['edge-1/b', 'edge-1/c', 'local/a']]);
  });

  it('publishes nothing at once where there is nobody to wait for', () => {
    const { published, turn } = setUp();
    turn();
    expect(published).toEqual([[]]);
  });

  it('looks again when time alone changes something', () => {
    const local = new FakeSource('local');
    const { published, turn } = setUp(local);
    const [container] = engine('local', 'a').containers;
    if (container === undefined) throw new Error('no container');
    local.listener?.state({ host: 'local', containers: [{ ...container, state: 'exited', exitedAt: new Date().toISOString() }] });
    turn();
    vi.advanceTimersByTime(59_998);
    expect(published).toEqual([['local/a']]);
    vi.advanceTimersByTime(1);
    expect(published).toEqual([['local/a'], []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rests after much work, and publishes then what has come meanwhile together', () => {
    const local = new FakeSource('local');
    const published: unknown[] = [];
    let clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const slow: typeof declare = (...given) => {
      clock += 100;
      return declare(...given);
    };
    const provider = new DockerProvider({ sources: [local], labels: LABEL_DEFAULTS, declare: slow });
    provider.start({ publish: ({ objects }) => published.push(objects.map(({ object }) => object)), report: () => undefined });
    local.listener?.state(engine('local', 'a'));
    vi.advanceTimersByTime(1);
    for (const name of ['b', 'c', 'd']) local.listener?.state(engine('local', name));
    vi.advanceTimersByTime(399);
    expect(published).toEqual([['local/a']]);
    vi.advanceTimersByTime(1);
    expect(published).toEqual([['local/a'], ['local/d']]);
  });

  it('says how each host is, and what it waits for', () => {
    const [local, agents] = [new FakeSource('local'), new FakeSource()];
    const { reports } = setUp(local, agents);
    local.listener?.report('local', { state: 'down', message: 'connect ENOENT' });
    agents.listener?.report('edge-1', { state: 'ok' });
    local.listener?.state(engine('local'));
    local.listener?.report('local', { state: 'ok' });
    agents.listener?.report('edge-1', { state: 'degraded', message: 'one is not read' });
    expect(reports.map(({ state, message }) => [state, message])).toEqual([
      ['down', 'connect ENOENT; nothing is published before local has been read once'],
      ['degraded', 'local: connect ENOENT; nothing is published before local has been read once'],
      ['ok', undefined],
      ['degraded', 'edge-1: one is not read'],
    ]);
    expect(reports.at(-1)?.parts?.map(({ name, state }) => [name, state])).toEqual([
      ['edge-1', 'degraded'],
      ['local', 'ok'],
    ]);
  });

  it('passes on what it is asked, and tells nothing once it is stopped', async () => {
    const local = new FakeSource('local');
    const { provider, published, reports, turn } = setUp(local);
    local.listener?.state(engine('local', 'a'));
    provider.resync();
    await Promise.all([provider.stop(), provider.stop()]);
    local.listener?.state(engine('local', 'b'));
    local.listener?.report('local', { state: 'ok' });
    turn();
    expect([published, reports, local.resynced, local.stopped, vi.getTimerCount()]).toEqual([[], [], 1, 1, 0]);
  });
});
