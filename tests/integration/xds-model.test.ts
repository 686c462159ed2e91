import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameCache } from '../../src/xds/frame.ts';
import { type Edit, Store } from '../../src/xds/store.ts';
import { TYPES, type Variant } from '../support/xds-client.ts';
import { bodyIn, VersionBook } from '../support/xds-ledger.ts';
import { edit } from '../support/xds-server.ts';
import { random, SimClient } from '../support/xds-sim.ts';

/**
 * Clients of every kind against streams, with messages that take their time, step by step from a seed. One seed again:
 * `MODEL_SEED=7`; many: `MODEL_SEEDS=200`; longer: `MODEL_STEPS=20000`.
 */

const { MODEL_SEED, MODEL_SEEDS = '8', MODEL_STEPS = '4000' } = process.env;
const SEEDS = MODEL_SEED === undefined ? Array.from({ length: Number(MODEL_SEEDS) }, (_, i) => i + 1) : [Number(MODEL_SEED)];
const STEPS = Number(MODEL_STEPS);

const { cds, eds, lds, rds, sds } = TYPES;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Delivers until nobody has anything to say, however long one waits. */
function settle(clients: readonly SimClient[]): void {
  for (let quiet = 0; quiet < 4; ) {
    const busy = clients.filter((client) => client.underWay > 0);
    quiet = busy.length === 0 ? quiet + 1 : 0;
    for (const client of busy) {
      client.deliver(true);
      client.deliver(false);
    }
    if (busy.length === 0) vi.advanceTimersByTime(2500);
  }
}

describe('whatever happens on the way, every client is told what it asked for, and nothing else', () => {
  it.each(SEEDS)('seed %i', (seed) => {
    const below = random(seed);
    const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
    const types = [cds, eds, lds, rds, sds];
    // Long lists of names are kept and shared, short ones are not.
    const names = ['eds-a', 'eds-b', 'c', 'd', 'e', 'f'].map((name) => name + 'x'.repeat(seed % 2 === 0 ? 0 : 200));
    const store = new Store();
    const frames = new FrameCache(store);
    const book = new VersionBook();
    let mending = false;
    const capricious = (): boolean => !mending && below(60) === 0;
    const make = (variant: Variant, onlyType?: string) =>
      new SimClient(variant, store, frames, { book, capricious, ...(onlyType === undefined ? {} : { onlyType }) });
    const clients = [
      ...Array.from({ length: 6 }, (_, i) => make(i % 2 === 0 ? 'delta' : 'sotw')),
      ...types.flatMap((type) => [make('delta', type), make('sotw', type)]),
    ];
    // The first four are as Envoy is: everything of clusters and listeners.
    for (const client of clients.slice(0, 4)) for (const type of [cds, lds]) client.subscribe(type, [], true);
    let content = 0;
    let step = 0;
    try {
      for (; step < STEPS; step++) act();
      for (const client of clients) client.stalled = false;
      settle(clients);
      for (const [i, client] of clients.entries()) check(client, i);
      mending = true;
      for (const type of types)
        publish(
          [...store.resources(type).keys()].map((name) => edit(type, name, `mended ${seed}`)),
          [],
        );
      settle(clients);
      for (const [i, client] of clients.entries()) {
        expect([...client.refused]).toEqual([]);
        for (const type of types) expect([i, type, held(client, type)]).toEqual([i, type, wanted(client, type)]);
        client.close();
      }
    } catch (cause) {
      const at = `after ${step} steps; again: MODEL_SEED=${seed} MODEL_STEPS=${STEPS} vitest run … xds-model`;
      throw new Error(`${String(cause)}\n${at}\n${clients.find(({ ledger }) => ledger.failed)?.ledger.history ?? ''}`, { cause });
    }

    function act(): void {
      const client = pick(clients);
      const type = client.onlyType ?? pick(types);
      const some = names.filter(() => below(3) === 0);
      const what = below(1000);
      if (what < 700) client.deliver(below(2) === 0);
      else if (what < 800) change();
      else if (what < 860) client.subscribe(type, some, below(10) === 0 && (type === cds || type === lds));
      else if (what < 910) client.unsubscribe(type, some, below(10) === 0);
      else if (what < 930) client.reconnect();
      else if (what < 950) vi.advanceTimersByTime(below(3000));
      else if (what < 970) client.stalled = below(3) === 0;
      else if (what < 996) for (let i = 0; i < 10; i++) client.deliver(i % 2 === 0);
      else quiet();
      if (client.ended !== undefined) client.reconnect();
    }

    function change(): void {
      const edits = Array.from({ length: 1 + below(4) }, () => {
        content++;
        const body = below(4) === 0 ? null : below(12) === 0 ? `bad ${content}` : String(below(3) === 0 ? content : below(3));
        return edit(pick(types), pick(names), body);
      });
      publish(edits, below(8) === 0 ? [{ type: pick(types), name: pick(names) }] : []);
    }

    function publish(edits: readonly Edit[], again: readonly { type: string; name: string }[]): void {
      store.publish(edits, again);
      for (const { ledger } of clients) ledger.published(edits, again);
      store.announce();
    }

    /** Everything under way arrives, and everyone holds what is wanted, but for what was refused. */
    function quiet(): void {
      for (const client of clients) client.stalled = false;
      settle(clients);
      for (const [i, client] of clients.entries()) check(client, i);
    }

    function check(client: SimClient, i: number): void {
      client.ledger.quiescent();
      const asks = types.filter((type) => client.asked.has(type));
      // Before its first request a stream has nothing to settle.
      if (client.ledger.count > 0) expect([i, client.ended, client.settledSeq]).toEqual([i, undefined, store.seq]);
      for (const type of asks) {
        const [has, should] = [held(client, type), wanted(client, type)];
        const wrong = new Set([...Object.keys(has), ...Object.keys(should)].filter((name) => has[name] !== should[name]));
        const declined = client.declined.get(type);
        for (const name of wrong) {
          // A cluster that is gone stays as long as a refusal stands, since what was refused may lead there.
          if (should[name] === undefined && client.refused.size > 0) continue;
          if (!declined?.has(name)) fail(client, `client ${i}, ${client.variant}: ${type} ${name} is ${should[name]} and it holds ${has[name]}`);
          if (!client.refused.has(type)) fail(client, `client ${i}, ${client.variant}: nobody says that ${type} ${name} was refused`);
        }
        // What was refused and is gone is so only when its removal is.
        const leaving = [...(declined ?? [])].some((name) => should[name] === undefined);
        if (client.refused.has(type) && wrong.size === 0 && !leaving) fail(client, `client ${i}, ${client.variant}: ${type} is said to be refused`);
      }
    }

    function fail(client: SimClient, what: string): never {
      client.ledger.failed = true;
      throw new Error(what);
    }

    function held(client: SimClient, type: string): Record<string, string> {
      const all = [...(client.held.get(type) ?? [])].map(([name, { content: body }]) => [name, body] as const);
      // There is no way to tell such a client that endpoints or routes are gone.
      const told = all.filter(([name]) => client.variant === 'delta' || type === cds || type === lds || store.get(type, name) !== undefined);
      return Object.fromEntries(told.toSorted());
    }

    function wanted(client: SimClient, type: string): Record<string, string | undefined> {
      const all = [...store.resources(type).keys()].filter((name) => client.covers(type, name));
      return Object.fromEntries(all.map((name) => [name, bodyIn(store, type, name)] as const).toSorted());
    }
  });
});

describe('make before break', () => {
  it.each(SEEDS)('seed %i: nobody ever holds a route to a cluster that it lacks', (seed) => {
    const below = random(seed);
    const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
    const store = new Store();
    const frames = new FrameCache(store);
    const clusters = ['c1', 'c2', 'eds-3', 'eds-4', 'c5'];
    const routes = ['r1', 'r2'];
    const clients = Array.from({ length: 4 }, (_, i) => new SimClient(i % 2 === 0 ? 'delta' : 'sotw', store, frames));
    for (const client of clients) {
      client.onTaken = () => check(client);
      for (const type of [cds, lds]) client.subscribe(type, [], true);
      client.subscribe(eds, clusters);
      client.subscribe(rds, routes);
    }
    let away = 0;
    for (let step = 0; step < 3000; step++) {
      const client = pick(clients);
      const what = below(100);
      if (what < 85) client.deliver(below(2) === 0);
      else if (what < 97) republish();
      else if (what < 98) {
        away++;
        client.reconnect();
      } else vi.advanceTimersByTime(below(100));
    }
    settle(clients);
    for (const client of clients) {
      expect(client.settledSeq).toBe(store.seq);
      check(client);
      client.close();
    }
    expect(away).toBeGreaterThan(0);

    /** Routes lead to clusters of the same publication, and clusters that no route leads to go with it. */
    function republish(): void {
      const targets = routes.map(() => pick(clusters));
      const used = new Set([...targets, pick(clusters)]);
      const edits = [
        ...clusters.flatMap((name) => [edit(cds, name, used.has(name) ? String(below(2)) : null), edit(eds, name, used.has(name) ? String(below(2)) : null)]),
        edit(lds, 'l', String(below(2))),
        ...routes.map((name, i) => edit(rds, name, `${targets[i]}`)),
      ];
      store.publish(edits);
      for (const { ledger } of clients) ledger.published(edits, []);
      store.announce();
    }

    function check(client: SimClient): void {
      for (const [name, { content }] of client.held.get(rds) ?? []) {
        if (!client.held.get(cds)?.has(content)) throw new Error(`${client.variant}: route ${name} leads to cluster ${content}, which is not there`);
      }
    }
  });
});
