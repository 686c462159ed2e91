import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameCache } from '../../src/xds/frame.ts';
import { Store } from '../../src/xds/store.ts';
import { TYPES } from '../support/xds-client.ts';
import { edit } from '../support/xds-server.ts';
import { random, SimClient } from '../support/xds-sim.ts';

/** Clients of every kind against streams, with messages that take their time, step by step from a seed. */

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

describe('whatever happens on the way, every client holds in the end what it asked for', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
    const below = random(seed);
    const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
    const types = [cds, eds, lds, rds, sds];
    // Long lists of names are kept and shared, short ones are not.
    const names = ['eds-a', 'eds-b', 'c', 'd', 'e', 'f'].map((name) => name + 'x'.repeat(seed % 2 === 0 ? 0 : 200));
    const store = new Store();
    const frames = new FrameCache(store);
    const clients = Array.from({ length: 6 }, (_, i) => new SimClient(i % 2 === 0 ? 'delta' : 'sotw', store, frames));
    // The first two are as Envoy is: everything of clusters and listeners.
    for (const client of clients.slice(0, 2)) for (const type of [cds, lds]) client.subscribe(type, [], true);
    let content = 0;
    for (let step = 0; step < 4000; step++) {
      const client = pick(clients);
      const type = pick(types);
      const some = names.filter(() => below(3) === 0);
      const what = below(100);
      if (what < 70) client.deliver(below(2) === 0);
      else if (what < 80) {
        const edits = Array.from({ length: 1 + below(4) }, () => {
          content++;
          const body = below(4) === 0 ? null : below(12) === 0 ? `bad ${content}` : String(below(3) === 0 ? content : below(3));
          return edit(pick(types), pick(names), body);
        });
        store.publish(edits, below(8) === 0 ? [{ type, name: pick(names) }] : []);
        store.announce();
      } else if (what < 87) client.subscribe(type, some, below(10) === 0 && (type === cds || type === lds));
      else if (what < 93) client.unsubscribe(type, some, below(10) === 0);
      else if (what < 95) client.reconnect();
      else if (what < 97) vi.advanceTimersByTime(below(3000));
      else for (let i = 0; i < 10; i++) client.deliver(i % 2 === 0);
      if (client.ended !== undefined) client.reconnect();
    }
    for (const type of types) {
      const bad = [...store.resources(type).values()].filter(({ any }) => any.includes('=bad'));
      store.publish(bad.map(({ name }) => edit(type, name, 'mended')));
    }
    store.announce();
    settle(clients);
    for (const [i, client] of clients.entries()) {
      expect([i, client.ended, client.settledSeq, [...client.refused]]).toEqual([i, undefined, store.seq, []]);
      for (const type of types) expect([i, type, held(client, type)]).toEqual([i, type, model(client, type)]);
      client.close();
    }

    function held(client: SimClient, type: string): Record<string, string> {
      const all = [...(client.held.get(type) ?? [])].map(([name, { content: body }]) => [name, body] as const);
      // There is no way to tell such a client that endpoints or routes are gone.
      const told = all.filter(([name]) => client.variant === 'delta' || type === cds || type === lds || store.get(type, name) !== undefined);
      return Object.fromEntries(told.toSorted());
    }

    function model(client: SimClient, type: string): Record<string, string> {
      const all = [...store.resources(type).values()].filter(({ name }) => client.covers(type, name));
      return Object.fromEntries(all.map(({ name, any }) => [name, any.toString().slice(any.lastIndexOf(`${name}=`) + name.length + 1)] as const).toSorted());
    }
  });
});

describe('make before break', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i: nobody ever holds a route to a cluster that it lacks', (seed) => {
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
      else if (what < 98 && client.variant === 'delta') {
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
      store.publish([
        ...clusters.flatMap((name) => [edit(cds, name, used.has(name) ? String(below(2)) : null), edit(eds, name, used.has(name) ? String(below(2)) : null)]),
        edit(lds, 'l', String(below(2))),
        ...routes.map((name, i) => edit(rds, name, `${targets[i]}`)),
      ]);
      store.announce();
    }

    function check(client: SimClient): void {
      for (const [name, { content }] of client.held.get(rds) ?? []) {
        if (!client.held.get(cds)?.has(content)) throw new Error(`${client.variant}: route ${name} leads to cluster ${content}, which is not there`);
      }
    }
  });
});
