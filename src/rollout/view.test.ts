import { describe, expect, it, vi } from 'vitest';
import { keyOf, type Stored } from '../model/kinds.ts';
import type { StoredService } from '../model/service.ts';
import type { Store } from '../xds/store.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, type TypeUrl } from '../xds/types.ts';
import { ABOUT, route, service, TestDesired, testTranslator, text } from './testkit.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';

const ADDRESS = { host: '127.0.0.1', port: 10_000 };

function viewOf(desired: TestDesired, group = 'default', flavour: 'ads' | 'separate' = 'ads'): View {
  const view = new View(group, flavour, new Translations(testTranslator), testTranslator);
  view.fill(desired, ADDRESS);
  return view;
}

function names(view: View, type: TypeUrl): string[] {
  return [...view.store.resources(type).keys()].toSorted();
}

/** Everything that a view holds, as bytes, and what its versions would be. */
function content(view: View): unknown {
  return [LISTENER, ROUTES, CLUSTER, ENDPOINTS, SECRET, 'some.Other'].map((type) => [
    type,
    view.store.sum(type),
    [...view.store.resources(type).values()].map(({ name, any }) => `${name} ${any.toString('hex')}`).toSorted(),
  ]);
}

/** The clusters that the routes lead to. */
function targets(view: View): string[] {
  const tables = ['http', 'https'].map((table) => text(view, ROUTES, table) ?? '');
  return tables
    .flatMap((table) => table.split(';').flatMap((host) => host.split(' -> ')[1]?.split(',') ?? []))
    .filter((target) => target !== '' && target !== 'nowhere');
}

describe('a view', () => {
  it('gives listeners a time to live, and nothing else, where there is one', () => {
    const make = (ttl?: number): Store => new View('default', 'ads', new Translations(testTranslator), testTranslator, undefined, ttl).store;
    expect([LISTENER, ROUTES, CLUSTER, ENDPOINTS].map((type) => make(60).ttl(type))).toEqual([60, undefined, undefined, undefined]);
    for (const store of [make(0), make()]) expect([store.ttl(LISTENER), store.pulse]).toEqual([undefined, undefined]);
  });

  it('holds what its group is served, and the listener it was given', () => {
    const desired = new TestDesired(service('all'), service('mine', ['db:80'], ['default', 'edge']), service('other', ['10.0.0.2:80'], ['edge']));
    const view = viewOf(desired);
    expect(text(view, LISTENER, 'http')).toBe('127.0.0.1:10000 ads');
    expect([names(view, CLUSTER), names(view, ENDPOINTS)]).toEqual([['all', 'mine'], ['all']]);
    expect(text(view, ROUTES, 'http')).toBe('all.example.com -> all;mine.example.com -> mine;');
    expect(viewOf(desired, 'edge').store.resources(CLUSTER).size).toBe(3);
  });

  it('follows changes, each as one publication', () => {
    const desired = new TestDesired(service('a'), service('b'));
    const view = viewOf(desired);
    desired.put(service('c'));
    desired.delete('a');
    expect(view.follow(desired, ['a', 'c'])).toBe(2);
    expect([names(view, CLUSTER), targets(view)]).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ]);
    expect(view.follow(desired, ['a', 'nobody', 'b'])).toBe(2);
  });

  it('sends no routes and no cluster where endpoints changed', () => {
    const desired = new TestDesired(service('a', ['10.0.0.1:80']));
    const view = viewOf(desired);
    desired.put(service('a', ['10.0.0.2:80']));
    view.follow(desired, ['a']);
    expect([CLUSTER, ENDPOINTS, ROUTES].map((type) => view.store.touched(type))).toEqual([1, 2, 1]);
  });

  it('does not put routes together where none of them changed', () => {
    const desired = new TestDesired(service('a', ['10.0.0.1:80']));
    const routes = vi.fn(testTranslator.routes);
    const view = new View('default', 'ads', new Translations(testTranslator), { ...testTranslator, routes });
    view.fill(desired, ADDRESS);
    desired.put(service('a', ['10.0.0.2:80']));
    view.follow(desired, ['a']);
    expect(routes).toHaveBeenCalledTimes(1);
    desired.put(service('b'));
    view.follow(desired, ['b']);
    expect(routes).toHaveBeenCalledTimes(2);
  });

  it('lets go of endpoints where names replace addresses, and has them follow where addresses replace names', () => {
    const desired = new TestDesired(service('a'));
    const view = viewOf(desired);
    desired.put(service('a', ['db:80']));
    view.follow(desired, ['a']);
    expect([names(view, CLUSTER), names(view, ENDPOINTS)]).toEqual([['a'], []]);
    expect(view.store.get(CLUSTER, 'a')?.follower).toBeUndefined();
    desired.put(service('a', ['10.0.0.1:80']));
    view.follow(desired, ['a']);
    expect(names(view, ENDPOINTS)).toEqual(['a']);
    expect(view.store.get(CLUSTER, 'a')?.follower).toEqual({ type: ENDPOINTS, name: 'a' });
  });

  it('follows a service into its group and out of it', () => {
    const desired = new TestDesired(service('a'));
    const view = viewOf(desired, 'edge');
    desired.put(service('a', ['10.0.0.1:80'], ['default']));
    view.follow(desired, ['a']);
    expect([names(view, CLUSTER), targets(view)]).toEqual([[], []]);
    desired.put(service('a', ['10.0.0.1:80'], ['edge']));
    view.follow(desired, ['a']);
    expect([names(view, CLUSTER), targets(view)]).toEqual([['a'], ['a']]);
  });

  it('sends once more what it is asked to, of what it holds', () => {
    const desired = new TestDesired(service('a'), service('db', ['db:80']), service('other', ['10.0.0.1:80'], ['edge']));
    const view = viewOf(desired);
    expect(view.follow(desired, [], ['other', 'nobody'])).toBe(1);
    expect(view.follow(desired, [], ['a'])).toBe(2);
    expect([...(view.store.since(CLUSTER, 1) ?? [])].map(([name]) => name)).toEqual(['a']);
    expect([...(view.store.since(ENDPOINTS, 1) ?? [])].map(([name]) => name)).toEqual(['a']);
    expect(view.follow(desired, [], ['db'])).toBe(3);
  });

  it('leads the routes of a host to their services, and what they do not take to the service whose host it is', () => {
    const desired = new TestDesired(service('a'), service('b'), route('r', ['a.example.com', 'x.example.com'], ['b']));
    const view = viewOf(desired);
    expect(text(view, ROUTES, 'http')).toBe('a.example.com -> b,a;b.example.com -> b;x.example.com -> b;');
    desired.put(route('r', ['x.example.com'], ['a']));
    desired.put(service('b', ['10.0.0.1:80'], ['edge']));
    view.follow(desired, ['Route/r', 'b']);
    expect(text(view, ROUTES, 'http')).toBe('a.example.com -> a;x.example.com -> a;');
    desired.put(service('a', ['10.0.0.1:80'], ['edge']));
    view.follow(desired, ['a']);
    expect(text(view, ROUTES, 'http')).toBe('x.example.com -> nowhere;');
    desired.delete('Route/r');
    view.follow(desired, ['Route/r']);
    expect(text(view, ROUTES, 'http')).toBe('');
  });

  it('has a route table for each listener that serves routes', () => {
    const https = { kind: 'Listener', name: 'https', address: '127.0.0.1:443', protocol: 'https', certificates: ['web'], ...ABOUT } as const;
    const certificate = { kind: 'Certificate', name: 'web', cert: 'one', key: 'k', ...ABOUT } as const;
    const desired = new TestDesired(service('a'), route('r', ['r.example.com'], ['a'], { listeners: ['https'] }), https, certificate);
    const view = viewOf(desired);
    expect([names(view, LISTENER), names(view, SECRET)]).toEqual([['http', 'https'], ['web']]);
    expect([text(view, ROUTES, 'http'), text(view, ROUTES, 'https')]).toEqual(['a.example.com -> a;', 'a.example.com -> a;r.example.com -> a;']);
    desired.put({ ...certificate, cert: 'two' });
    view.follow(desired, ['Certificate/web']);
    expect([SECRET, LISTENER].map((type) => view.store.touched(type))).toEqual([2, 1]);
    desired.put({ kind: 'Listener', name: 'http', address: '127.0.0.1:80', protocol: 'http', redirectToHttps: true, ...ABOUT });
    view.follow(desired, ['Listener/http']);
    expect([text(view, LISTENER, 'http'), names(view, ROUTES)]).toEqual(['127.0.0.1:80 ads', ['https']]);
    desired.delete('Listener/http');
    desired.delete('Listener/https');
    view.follow(desired, ['Listener/http', 'Listener/https']);
    expect([text(view, LISTENER, 'http'), names(view, LISTENER), names(view, ROUTES)]).toEqual(['127.0.0.1:10000 ads', ['http'], ['http']]);
  });

  it('keeps a name that passes from one object to another in one step, whichever comes first', () => {
    const raw = (name: string, resource: string) => ({ kind: 'Raw', name, type: CLUSTER, resource: { name: resource }, ...ABOUT }) as const;
    const desired = new TestDesired(raw('a', 'x'), service('web'));
    const view = viewOf(desired);
    desired.put(raw('b', 'x'));
    desired.put(raw('a', 'y'));
    view.follow(desired, ['Raw/b', 'Raw/a']);
    expect(names(view, CLUSTER)).toEqual(['web', 'x', 'y']);
    desired.put(raw('c', 'web'));
    desired.delete('web');
    view.follow(desired, ['Raw/c', 'web']);
    expect(text(view, CLUSTER, 'web')).toBe('{"name":"web"}');
  });

  it('serves raw resources as they are, of whatever type', () => {
    const raw = { kind: 'Raw', name: 'r', type: CLUSTER, resource: { name: 'r' }, ...ABOUT } as const;
    const desired = new TestDesired(raw);
    const view = viewOf(desired);
    expect(text(view, CLUSTER, 'r')).toBe('{"name":"r"}');
    desired.put({ ...raw, type: 'type.googleapis.com/some.Other' });
    view.follow(desired, ['Raw/r']);
    expect([names(view, CLUSTER), names(view, 'type.googleapis.com/some.Other')]).toEqual([[], ['r']]);
    desired.delete('Raw/r');
    view.follow(desired, ['Raw/r']);
    expect(names(view, 'type.googleapis.com/some.Other')).toEqual([]);
  });

  it('carries endpoints in the cluster where there is no stream to send them on', () => {
    const view = viewOf(new TestDesired(service('a')), 'default', 'separate');
    expect([text(view, CLUSTER, 'a'), names(view, ENDPOINTS)]).toEqual(['a at 10.0.0.1:80', []]);
    expect(view.store.get(CLUSTER, 'a')?.follower).toBeUndefined();
  });

  it('shares with others what was made of a service', () => {
    const desired = new TestDesired(service('a'));
    const translations = new Translations(testTranslator);
    const [one, two] = ['default', 'edge'].map((group) => new View(group, 'ads', translations, testTranslator));
    testTranslator.made.length = 0;
    one?.fill(desired, ADDRESS);
    two?.fill(desired, ADDRESS);
    expect(testTranslator.made).toEqual(['a']);
    expect(two?.store.get(CLUSTER, 'a')).toBe(one?.store.get(CLUSTER, 'a'));
  });
});

describe('whatever the edits and their order', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const versions: ((id: string) => StoredService)[] = [
    (id) => service(id),
    (id) => service(id, ['10.0.0.9:80', '10.0.0.8:80']),
    (id) => service(id, ['db:80']),
    (id) => service(id, ['10.0.0.1:80'], ['edge']),
    (id) => service(id, ['10.0.0.1:80'], ['default']),
  ];
  const hosts = ['a.example.com', 'x.example.com', 'y.example.com'];

  it.each([1, 2, 3, 4, 5])('seed %i: no publication holds a route to a cluster that is not in it, and the content is that of a fresh view', (seed) => {
    let state = seed;
    const below = (n: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % n;
    };
    const some = <T>(all: readonly T[]): T[] => all.filter(() => below(2) === 0);
    const groups = (): { groups?: string[] } => (below(3) === 0 ? { groups: ['edge'] } : {});
    const declared: ((name: string) => Stored)[] = [
      (name) => route(name, some(hosts), some(ids), { ...groups(), ...(below(3) === 0 ? { listeners: ['https'] } : {}) }),
      () => ({ kind: 'Certificate', name: 'web', cert: String(below(3)), key: 'k', ...groups(), ...ABOUT }),
      () => ({ kind: 'Listener', name: 'https', address: '127.0.0.1:443', protocol: 'https', certificates: ['web'], ...groups(), ...ABOUT }),
      () => ({ kind: 'Listener', name: 'http', address: '127.0.0.1:80', protocol: 'http', redirectToHttps: below(2) === 0, ...groups(), ...ABOUT }),
      () => ({ kind: 'Raw', name: 'raw', type: below(2) === 0 ? CLUSTER : 'some.Other', resource: { n: below(3) }, ...groups(), ...ABOUT }),
    ];
    const desired = new TestDesired();
    const views = [viewOf(desired), viewOf(desired, 'edge'), viewOf(desired, 'default', 'separate')];
    for (let step = 0; step < 300; step++) {
      const touched = ids.filter(() => below(3) === 0);
      for (const id of touched) {
        if (below(3) === 0) desired.delete(id);
        else desired.put((versions[below(versions.length)] ?? service)(id));
      }
      for (const name of ['r1', 'r2', 'r3']) {
        const object = declared[below(declared.length)]?.(name);
        if (object === undefined) continue;
        touched.push(keyOf(object));
        if (below(3) === 0) desired.delete(keyOf(object));
        else desired.put(object);
      }
      for (const view of views) {
        view.follow(desired, touched);
        for (const target of targets(view)) expect(view.store.get(CLUSTER, target)).toBeDefined();
        for (const { follower } of view.store.resources(CLUSTER).values())
          if (follower !== undefined) expect(view.store.get(follower.type, follower.name)).toBeDefined();
      }
      if (step % 20 === 0) for (const view of views) expect(content(view)).toEqual(content(viewOf(desired, view.group, view.kind)));
    }
    for (const view of views) expect(content(view)).toEqual(content(viewOf(desired, view.group, view.kind)));
  });
});
