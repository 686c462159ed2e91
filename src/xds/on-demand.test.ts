import { describe, expect, it } from 'vitest';
import type { Aliases } from './aliases.ts';
import { EVERYTHING, type Frame, FrameCache } from './frame.ts';
import { applyOnDemand, MOST_UNKNOWN, nextOnDemand } from './on-demand.ts';
import { Store } from './store.ts';
import { Subscription } from './subscription.ts';
import { edit, namesIn } from './testkit.ts';
import { VIRTUAL_HOST } from './types.ts';

/** Capitals do not count, and `*.b` answers to `a.b`. */
const aliases: Aliases = {
  canonical: (asked) => asked.toLowerCase(),
  patterns: (name) => (name.includes('.') && !name.startsWith('*') ? [`*${name.slice(name.indexOf('.'))}`] : []),
  isPattern: (name) => name.startsWith('*'),
  nobody: 'nobody/',
};

interface Asking {
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly initialVersions?: ReadonlyMap<string, string>;
}

function storeOf(contents: Readonly<Record<string, string | null>>): Store {
  const store = new Store({ aliases: new Map([[VIRTUAL_HOST, aliases]]) });
  publish(store, contents);
  return store;
}

function publish(store: Store, contents: Readonly<Record<string, string | null>>): void {
  store.publish(Object.entries(contents).map(([name, content]) => edit(VIRTUAL_HOST, name, content)));
}

/** What a subscription made by this first request is sent, and after it. */
class OnDemand {
  readonly sub: Subscription;
  readonly #store: Store;
  readonly #frames: FrameCache;

  constructor(store: Store, first: Asking = {}, frames = new FrameCache(store)) {
    this.#store = store;
    this.#frames = frames;
    this.sub = new Subscription(VIRTUAL_HOST, store);
    this.#apply(first, true);
  }

  ask(...subscribe: string[]): readonly Frame[] | undefined {
    this.#apply({ subscribe }, false);
    return this.next();
  }

  giveUp(...unsubscribe: string[]): readonly Frame[] | undefined {
    this.#apply({ unsubscribe }, false);
    return this.next();
  }

  next(): readonly Frame[] | undefined {
    const frames = nextOnDemand(this.sub, this.#store, this.#frames);
    for (const frame of frames ?? []) this.sub.sent(frame, 0);
    return frames;
  }

  #apply({ subscribe = [], unsubscribe = [], initialVersions = new Map() }: Asking, first: boolean): void {
    const request = { typeUrl: VIRTUAL_HOST, node: undefined, nonce: '', error: undefined, subscribe, unsubscribe, initialVersions };
    applyOnDemand(this.sub, aliases, request, first);
  }
}

describe('who asks for everything', () => {
  it.each([[[]], [['*']]])('by %j gets one answer, and nothing of what is there', (subscribe) => {
    const client = new OnDemand(storeOf({ a: '1' }), { subscribe });
    expect(namesIn(client.next())).toEqual(['nobody/']);
    expect(client.next()).toEqual([]);
  });

  it('and a name along with it gets that name alone', () => {
    const store = storeOf({ a: '1', b: '1' });
    expect(namesIn(new OnDemand(store, { subscribe: ['*', 'a'] }).next())).toEqual(['a']);
    expect(namesIn(new OnDemand(store, { subscribe: ['*', 'x'] }).next())).toEqual(['x']);
  });

  it('not, where the first request only gives something up', () => {
    expect(new OnDemand(storeOf({ a: '1' }), { unsubscribe: ['a'] }).next()).toEqual([]);
  });
});

describe('what was asked for', () => {
  it('is answered each time, covering everything; then what changes, covering what it follows', () => {
    const store = storeOf({ a: '1', b: '1' });
    const client = new OnDemand(store);
    client.next();
    for (const asked of ['a', 'A']) {
      const [frame] = client.ask(asked) ?? [];
      expect([frame?.answer.names, frame?.answer.from]).toEqual([['a'], EVERYTHING]);
    }
    publish(store, { a: '2', b: '2' });
    const [frame] = client.next() ?? [];
    expect([frame?.answer.names, frame?.answer.from, frame?.answer.seq]).toEqual([['a'], 1, 2]);
  });

  it('is followed until it is given up', () => {
    const store = storeOf({ a: '1' });
    const client = new OnDemand(store, { subscribe: ['a', 'x'] });
    client.next();
    expect(namesIn(client.giveUp('A', 'X', 'z'))).toEqual(['a']);
    publish(store, { a: '2', x: '1' });
    expect(client.next()).toEqual([]);
  });

  it('and asked for in the request that follows its end stays', () => {
    const store = storeOf({ a: '1' });
    const client = new OnDemand(store, { subscribe: ['a'] });
    client.next();
    client.giveUp('a');
    expect(namesIn(client.ask('a'))).toEqual(['a']);
    publish(store, { a: '2' });
    expect(namesIn(client.next())).toEqual(['a']);
  });

  it('goes in an answer of its own where it is asked for as it goes', () => {
    const store = storeOf({ a: '1' });
    const client = new OnDemand(store, { subscribe: ['a'] });
    client.next();
    publish(store, { a: null });
    const frames = client.ask('a') ?? [];
    expect(frames.map(({ answer }) => answer.names)).toEqual([['a'], ['a']]);
    publish(store, { a: '2' });
    expect(namesIn(client.next())).toEqual(['a']);
  });
});

describe('a pattern', () => {
  it('answers where the name itself does not, and brings what is below it', () => {
    const store = storeOf({ '*.z': '1', 'b.z': '1', 'c.y': '1' });
    const client = new OnDemand(store, { subscribe: ['a.z'] });
    expect(namesIn(client.next())).toEqual(['*.z', 'b.z']);
    publish(store, { 'd.z': '1', 'e.y': '1' });
    expect(namesIn(client.next())).toEqual(['d.z']);
  });

  it('does not come where the name itself does', () => {
    const client = new OnDemand(storeOf({ '*.z': '1', 'b.z': '1' }), { subscribe: ['b.z'] });
    expect(namesIn(client.next())).toEqual(['b.z']);
  });

  it('takes the place of a name that goes', () => {
    const store = storeOf({ '*.z': '1', 'b.z': '1' });
    const client = new OnDemand(store, { subscribe: ['b.z'] });
    client.next();
    publish(store, { 'b.z': null });
    expect(client.next()?.map(({ answer }) => answer.names)).toEqual([['b.z'], ['*.z']]);
  });
});

describe('who comes back', () => {
  const versions = (store: Store, ...names: string[]): Map<string, string> =>
    new Map(names.map((name) => [name, store.get(VIRTUAL_HOST, name)?.version ?? 'none'] as const));

  it('is owed a look at what it holds, before anything is published', () => {
    const store = storeOf({ a: '1', b: '1', c: '1' });
    const initialVersions = versions(store, 'a', 'b', 'c', 'late', 'never');
    publish(store, { b: '2', c: null, late: '1' });
    const client = new OnDemand(store, { subscribe: [...initialVersions.keys()], initialVersions });
    expect(client.sub.hasAdditions(store.seq)).toBe(true);
    expect(client.next()?.map(({ answer }) => answer.names)).toEqual([['c'], ['b', 'late']]);
    expect(client.sub.hasAdditions(store.seq)).toBe(false);
    publish(store, { never: '1', a: '2' });
    expect(namesIn(client.next())).toEqual(['a', 'never']);
  });

  it('is sent nothing where nothing changed', () => {
    const store = storeOf({ a: '1' });
    const client = new OnDemand(store, { subscribe: ['a', 'x'], initialVersions: versions(store, 'a', 'x') });
    expect(client.next()).toEqual([]);
  });
});

describe('answers', () => {
  it('without a question are shared between streams that hold the same, and only those', () => {
    const store = storeOf({ a: '1', b: '1' });
    const frames = new FrameCache(store);
    const clients = [['a'], ['a'], ['b']].map((subscribe) => new OnDemand(store, { subscribe }, frames));
    for (const client of clients) client.next();
    publish(store, { a: '2', b: '2' });
    const [one, two, three] = clients.map((client) => client.next()?.[0]);
    expect(two).toBe(one);
    expect([one?.answer.names, three?.answer.names]).toEqual([['a'], ['b']]);
  });

  it('to names without a resource are remembered for the newest of them alone', () => {
    const store = storeOf({});
    const client = new OnDemand(store, { subscribe: Array.from({ length: MOST_UNKNOWN + 1 }, (_, i) => `x${i}`) });
    client.next();
    expect([client.sub.demand?.unknown.size, client.sub.demand?.asked.size]).toEqual([MOST_UNKNOWN, MOST_UNKNOWN]);
    publish(store, { x0: '1', x1: '1' });
    expect(namesIn(client.next())).toEqual(['x1']);
  });

  it('have no end where the client lags too far behind', () => {
    const store = storeOf({});
    const client = new OnDemand(store, { subscribe: ['a'] });
    client.next();
    for (let i = 0; i < 5000; i++) publish(store, { a: `${i}` });
    expect(client.next()).toBeUndefined();
  });
});
