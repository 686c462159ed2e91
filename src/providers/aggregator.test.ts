import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { keyOf } from '../model/kinds.ts';
import type { Override, ProviderStatus } from '../model/provider-status.ts';
import type { Registry } from '../registry/registry.ts';
import { openRegistry } from '../registry/sqlite.ts';
import { Aggregator, type AggregatorOptions } from './aggregator.ts';
import type { Declaration, Provider, Sink } from './provider.ts';

const AT = '2026-01-01T00:00:00.000Z';

/** A provider that says what it is told to. */
class Told implements Provider {
  readonly name: string;
  readonly source = 'a test';
  sink: Sink | undefined;
  objects: Declaration[] = [];

  constructor(name: string) {
    this.name = name;
  }

  start(sink: Sink): void {
    this.sink = sink;
  }

  /** Services by name, each with its endpoints; the host is the name unless it is given before a slash. */
  say(services: Readonly<Record<string, readonly unknown[]>>, ...more: Declaration[]): void {
    const objects = Object.entries(services).map(([title, endpoints]): Declaration => {
      const [name = '', host = name] = title.split('/');
      return { object: { kind: 'Service', name, host, endpoints }, origin: `${this.name}:${name}` };
    });
    this.sink?.publish({ objects: [...objects, ...more] });
  }

  resync(): void {
    this.sink?.publish({ objects: this.objects });
  }

  async stop(): Promise<void> {
    this.sink = undefined;
  }
}

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'envoyage-aggregator-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(dataDir = folder()): Registry {
  const registry = openRegistry({ dataDir });
  cleanups.push(() => registry.close());
  return registry;
}

function start(registry: Registry, providers: readonly Provider[], more: Partial<AggregatorOptions> = {}): Aggregator {
  const aggregator = new Aggregator({ objects: registry, providers, ...more });
  cleanups.push(() => aggregator.stop());
  aggregator.start();
  return aggregator;
}

const endpoints = (registry: Registry): Record<string, unknown> =>
  Object.fromEntries(
    [...registry.objects('Service')].map((each) => [`${keyOf(each)}@${each.provider ?? 'people'}`, (each as { endpoints?: unknown }).endpoints]),
  );
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const codes = ({ problems }: ProviderStatus): unknown[] => problems.map(({ code, object }) => [code, object]);

describe('who has an object that two declare', () => {
  it('is the first by name, or in the order given, whoever spoke first, and the other says so', async () => {
    for (const { priority, winner, loser } of [
      { priority: [], winner: 'docker', loser: 'file' },
      { priority: ['file'], winner: 'file', loser: 'docker' },
    ]) {
      const registry = open();
      const [docker, file] = [new Told('docker'), new Told('file')];
      const aggregator = start(registry, [docker, file], { priority });
      file.say({ web: ['f:1'] });
      docker.say({ web: ['d:1'] });
      await until(() => expect(endpoints(registry)).toEqual({ [`web@${winner}`]: [`${winner.slice(0, 1)}:1`] }));
      await until(() => expect(codes(aggregator.get(loser))).toEqual([['shadowed', `web@${loser}`]]));
      expect(aggregator.get(loser).problems[0]?.message).toBe(`provider "${winner}" declares service "web" as well, and goes before this one`);
      expect(aggregator.get(winner)).toMatchObject({ state: 'ok', problemCount: 0 });
    }
  });

  it('is not the one that has only ever declared it wrongly', async () => {
    const registry = open();
    const [a, b] = [new Told('a'), new Told('b')];
    const aggregator = start(registry, [a, b]);
    a.say({ web: ['nonsense'] });
    await until(() => expect(aggregator.get('a').problemCount).toBe(1));
    b.say({ web: ['b:1'] });
    await until(() => expect(endpoints(registry)).toEqual({ 'web@b': ['b:1'] }));
    expect(aggregator.get('b')).toMatchObject({ state: 'ok', problemCount: 0 });
    // Once it is right it goes first, and keeps the object when it is wrong again.
    a.say({ web: ['a:1'] });
    await until(() => expect(endpoints(registry)).toEqual({ 'web@a': ['a:1'] }));
    await until(() => expect(codes(aggregator.get('b'))).toEqual([['shadowed', 'web@b']]));
    a.say({ web: ['nonsense'] });
    await until(() => expect(codes(aggregator.get('a'))).toEqual([['invalid-request', 'web@a']]));
    expect(endpoints(registry)).toEqual({ 'web@a': ['a:1'] });
    expect(codes(aggregator.get('b'))).toEqual([['shadowed', 'web@b']]);
  });

  it('passes to the other in one step when the first lets it go, and back', async () => {
    const registry = open();
    const [a, b] = [new Told('a'), new Told('b')];
    const aggregator = start(registry, [a, b]);
    a.say({ web: ['a:1'] });
    b.say({ web: ['b:1'] });
    await until(() => expect(codes(aggregator.get('b'))).toEqual([['shadowed', 'web@b']]));
    const seen: unknown[] = [];
    registry.onCommit(({ changes }) => seen.push(...changes.map(({ after }) => after === null)));
    a.say({});
    await until(() => expect(endpoints(registry)).toEqual({ 'web@b': ['b:1'] }));
    await until(() => expect(aggregator.get('b').state).toBe('ok'));
    a.say({ web: ['a:2'] });
    await until(() => expect(endpoints(registry)).toEqual({ 'web@a': ['a:2'] }));
    await until(() => expect(codes(aggregator.get('b'))).toEqual([['shadowed', 'web@b']]));
    expect(seen).toEqual([false, false]);
  });

  it('is the same after a restart, though the other speaks first', async () => {
    const dir = folder();
    const before = open(dir);
    const [a, b] = [new Told('a'), new Told('b')];
    const aggregator = start(before, [a, b]);
    a.say({ web: ['a:1'] });
    await until(() => expect(endpoints(before)).toEqual({ 'web@a': ['a:1'] }));
    await aggregator.stop();
    before.close();
    const registry = open(dir);
    const [again, other] = [new Told('a'), new Told('b')];
    const next = start(registry, [again, other]);
    other.say({ web: ['b:1'] });
    await until(() => expect(codes(next.get('b'))).toEqual([['shadowed', 'web@b']]));
    expect(endpoints(registry)).toEqual({ 'web@a': ['a:1'] });
    again.say({});
    await until(() => expect(endpoints(registry)).toEqual({ 'web@b': ['b:1'] }));
  });

  it('is people where they were there first, until they take theirs away', async () => {
    const registry = open();
    const docker = new Told('docker');
    const aggregator = start(registry, [docker]);
    registry.commit([{ op: 'create', service: { id: 'web', host: 'web', endpoints: ['own:1'] } }], 'ann');
    docker.say({ web: ['d:1'], api: ['d:2'] });
    await until(() => expect(codes(aggregator.get('docker'))).toEqual([['shadowed', 'web@docker']]));
    expect(endpoints(registry)).toEqual({ 'api@docker': ['d:2'], 'web@people': ['own:1'] });
    registry.commit([{ op: 'delete', id: 'web' }], 'ann');
    await until(() => expect(endpoints(registry)).toEqual({ 'api@docker': ['d:2'], 'web@docker': ['d:1'] }));
    await until(() => expect(aggregator.get('docker').state).toBe('ok'));
  });

  it('is who has a host, and the next one when it is free', async () => {
    const registry = open();
    const [a, b] = [new Told('a'), new Told('b')];
    const aggregator = start(registry, [a, b]);
    b.say({ 'one/same.example.com': ['b:1'] });
    await until(() => expect(endpoints(registry)).toEqual({ 'one@b': ['b:1'] }));
    a.say({ 'two/same.example.com': ['a:1'] });
    await until(() => expect(codes(aggregator.get('a'))).toEqual([['host-taken', 'two@a']]));
    expect(aggregator.get('a').problems[0]).toMatchObject({ origin: 'a:two', hint: expect.stringContaining('provider "b", b:one') });
    b.say({});
    await until(() => expect(endpoints(registry)).toEqual({ 'two@a': ['a:1'] }));
  });
});

describe('what was good', () => {
  it('stays over a restart until its provider has spoken, and goes with a provider that is none any more', async () => {
    const dir = folder();
    const before = open(dir);
    const docker = new Told('docker');
    const first = start(before, [docker, new Told('old')]);
    docker.say({ web: ['d:1'] });
    await until(() => expect(endpoints(before)).toEqual({ 'web@docker': ['d:1'] }));
    before.declare('old', [{ op: 'apply', wish: { id: 'gone', endpoints: ['x:1'] } }]);
    await first.stop();
    before.close();
    const registry = open(dir);
    const aggregator = start(registry, [new Told('docker')]);
    // Nobody has to wait for it: what it said is in force.
    await aggregator.sources()[0]?.synced;
    await until(() => expect(endpoints(registry)).toEqual({ 'web@docker': ['d:1'] }));
    expect(aggregator.list().map(({ name, state }) => [name, state])).toEqual([['docker', 'starting']]);
  });

  it('stays of an object that is wrong now, and of all where the source cannot be read', async () => {
    const registry = open();
    const file = new Told('file');
    const aggregator = start(registry, [file], {
      check: (wish) => {
        if (keyOf(wish) === 'bad') throw new EnvoyageError('invalid-request', 'it is bad', { errors: [{ field: '/endpoints', message: 'bad' }] });
      },
    });
    file.say({ web: ['f:1'], api: ['f:2'] });
    await until(() => expect(Object.keys(endpoints(registry))).toHaveLength(2));
    file.say({ web: ['not an endpoint'], bad: ['f:3'] });
    await until(() => expect(aggregator.get('file').problemCount).toBe(2));
    expect(codes(aggregator.get('file'))).toEqual([
      ['invalid-request', 'web@file'],
      ['invalid-request', 'bad@file'],
    ]);
    expect(endpoints(registry)).toEqual({ 'web@file': ['f:1'] });
    file.sink?.report({ state: 'down', message: 'gone' });
    expect(aggregator.get('file')).toMatchObject({ state: 'down', message: 'gone', counts: { failed: 1 } });
    expect(endpoints(registry)).toEqual({ 'web@file': ['f:1'] });
  });

  it('names the place of a fault where the provider can', async () => {
    const file = new Told('file');
    const aggregator = start(open(), [file]);
    file.say({}, { object: { host: 'a', endpoints: ['x'] }, origin: 'a.yaml:1:1', placeOf: (pointer) => `a.yaml:${pointer}` });
    await until(() => expect(aggregator.get('file').problems).toMatchObject([{ origin: 'a.yaml:/endpoints/0', object: 'a@file' }]));
  });

  it('is kept without endpoints while people refer to it', async () => {
    const registry = open();
    const docker = new Told('docker');
    const aggregator = start(registry, [docker]);
    docker.say({ web: ['d:1'] });
    await until(() => expect(Object.keys(endpoints(registry))).toEqual(['web@docker']));
    registry.commit([{ op: 'apply', wish: { kind: 'Route', name: 'r', hosts: ['r.example.com'], to: [{ service: 'web' }] } }], 'ann');
    docker.say({});
    await until(() => expect(endpoints(registry)).toEqual({ 'web@docker': [{ address: 'd:1', state: 'disabled' }] }));
    await until(() => expect(codes(aggregator.get('docker'))).toEqual([['still-in-use', 'web@docker']]));
    registry.commit([{ op: 'remove', key: 'Route/r' }], 'ann');
    await until(() => expect(endpoints(registry)).toEqual({}));
    await until(() => expect(aggregator.get('docker').state).toBe('ok'));
  });

  it('is stored when the disk is there again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    cleanups.push(() => void vi.useRealTimers());
    const registry = open();
    let isFull = true;
    const objects = new Proxy(registry, {
      get: (target, name) => {
        if (name === 'declare' && isFull)
          return () => {
            throw new EnvoyageError('store-failed', 'the disk is full');
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const docker = new Told('docker');
    const faults: unknown[] = [];
    const aggregator = new Aggregator({ objects, providers: [docker], onFault: (name) => faults.push(name) });
    cleanups.push(() => aggregator.stop());
    aggregator.start();
    docker.say({ web: ['d:1'] });
    expect([codes(aggregator.get('docker')), faults]).toEqual([[['store-failed', undefined]], ['docker']]);
    isFull = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(endpoints(registry)).toEqual({ 'web@docker': ['d:1'] });
    expect(aggregator.get('docker').state).toBe('ok');
  });
});

describe('overrides', () => {
  const lay = (registry: Registry, override: Partial<Override> & { service: string }): void => registry.overrides.put({ by: 'ann', at: AT, ...override });

  it('lie over what the provider declares, of one endpoint before all, until they are taken away', async () => {
    const registry = open();
    const docker = new Told('docker');
    const aggregator = start(registry, [docker]);
    docker.say({ web: ['d:1', { address: 'd:2', weight: 5, zone: 'z' }, { address: 'd:3', state: 'draining' }] });
    await until(() => expect(Object.keys(endpoints(registry))).toHaveLength(1));
    lay(registry, { service: 'web', weight: 7 });
    lay(registry, { service: 'web', endpoint: 'd:1', state: 'disabled', weight: 1 });
    lay(registry, { service: 'web', endpoint: 'd:3', state: 'healthy' });
    await aggregator.overridesChanged();
    await until(() =>
      expect(endpoints(registry)).toEqual({
        'web@docker': [
          { address: 'd:1', state: 'disabled' },
          { address: 'd:2', weight: 7, zone: 'z' },
          { address: 'd:3', weight: 7 },
        ],
      }),
    );
    registry.overrides.delete('web');
    registry.overrides.delete('web', 'd:1');
    registry.overrides.delete('web', 'd:3');
    await aggregator.overridesChanged();
    await until(() =>
      expect(endpoints(registry)).toEqual({ 'web@docker': ['d:1', { address: 'd:2', weight: 5, zone: 'z' }, { address: 'd:3', state: 'draining' }] }),
    );
  });

  it('end by themselves, also while no daemon ran', async () => {
    const registry = open();
    const docker = new Told('docker');
    lay(registry, { service: 'web', state: 'draining', until: AT });
    const aggregator = start(registry, [docker]);
    expect(registry.overrides.list()).toEqual([]);
    docker.say({ web: ['d:1'] });
    lay(registry, { service: 'web', state: 'draining', until: new Date(Date.now() + 200).toISOString() });
    await aggregator.overridesChanged();
    await until(() => expect(endpoints(registry)).toEqual({ 'web@docker': [{ address: 'd:1', state: 'draining' }] }));
    await until(() => expect(endpoints(registry)).toEqual({ 'web@docker': ['d:1'] }));
    expect(registry.overrides.list()).toEqual([]);
  });
});

describe('the set of providers', () => {
  it('changes while it runs: what one has goes with it, and one of the same name takes it over', async () => {
    const registry = open();
    const push = new Told('push-ci');
    const aggregator = start(registry, []);
    aggregator.add(push);
    push.say({ web: ['p:1'] });
    await until(() => expect(endpoints(registry)).toEqual({ 'web@push-ci': ['p:1'] }));
    const next = new Told('push-ci');
    aggregator.add(next);
    const { revision } = registry;
    next.say({ web: ['p:1'] });
    await until(() => expect(aggregator.get('push-ci').state).toBe('ok'));
    expect(registry.revision).toBe(revision);
    await aggregator.remove('push-ci');
    await until(() => expect(endpoints(registry)).toEqual({}));
    expect(aggregator.list()).toEqual([]);
    expect(() => aggregator.get('push-ci')).toThrow('there is no provider "push-ci"');
  });

  it('tells of each new state once', async () => {
    const docker = new Told('docker');
    const states: unknown[] = [];
    const aggregator = start(open(), [docker], { onState: ({ state, message }) => states.push([state, message]) });
    docker.say({ web: ['d:1'] });
    await until(() => expect(aggregator.get('docker').state).toBe('ok'));
    for (let i = 0; i < 3; i++) docker.sink?.report({ state: 'down', message: `gone; tried again in ${i} s` });
    docker.say({ web: ['d:2'] });
    await until(() => expect(aggregator.get('docker').state).toBe('ok'));
    expect(states.map((each) => (each as string[])[0])).toEqual(['starting', 'ok', 'down', 'ok']);
  });

  it('keeps one paused over a restart', async () => {
    const dir = folder();
    const before = open(dir);
    const first = start(before, [new Told('docker')]);
    first.pause('docker', 'ann');
    await first.stop();
    before.close();
    const registry = open(dir);
    const docker = new Told('docker');
    const aggregator = start(registry, [docker]);
    docker.say({ web: ['d:1'] });
    expect(aggregator.get('docker')).toMatchObject({ state: 'paused', message: 'paused by ann', objects: {} });
    await aggregator.resume('docker');
    await until(() => expect(aggregator.get('docker')).toMatchObject({ state: 'ok', objects: { Service: 1 } }));
  });
});
