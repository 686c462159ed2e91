import { beforeEach, describe, expect, it } from 'vitest';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, type TypeUrl } from '../xds/types.ts';
import { GrpcView } from './grpc-view.ts';
import { service, TestDesired, testTranslator, text } from './testkit.ts';

const NAMES: readonly [TypeUrl, string][] = [
  [LISTENER, 'web.example.com'],
  [ROUTES, 'web'],
  [CLUSTER, 'web'],
  [ENDPOINTS, 'web'],
];

function setUp(...services: Parameters<typeof service>[]) {
  const desired = new TestDesired(...services.map((each) => service(...each)));
  const view = new GrpcView('default', new WeakMap(), testTranslator);
  view.fill(desired);
  const asker = {};
  return {
    desired,
    view,
    ask: (type: TypeUrl, ...names: string[]) => view.asked(type, asker, names),
    see: (type: TypeUrl, name: string) => text(view, type, name),
  };
}

beforeEach(() => {
  testTranslator.made.length = 0;
});

describe('a view for gRPC clients', () => {
  it('makes what is asked for, and nothing before', () => {
    const { view, ask, see } = setUp(['web'], ['api']);
    expect([[...view.store.types()], testTranslator.made]).toEqual([[], []]);
    for (const [type, name] of NAMES) ask(type, name);
    expect(NAMES.map(([type, name]) => see(type, name))).toEqual(['web.example.com -> web since ', '-> web', 'web for grpc', 'web at 10.0.0.1:80']);
    expect(testTranslator.made).toEqual(['web']);
    expect(view.store.seq).toBe(0);
  });

  it('lets go of what nobody asks for any more', () => {
    const { view, ask, see } = setUp(['web']);
    const other = {};
    for (const [type, name] of NAMES) {
      ask(type, name);
      view.asked(type, other, [name]);
    }
    for (const [type] of NAMES) ask(type);
    expect(NAMES.filter(([type, name]) => see(type, name) === undefined)).toEqual([]);
    for (const [type] of NAMES) view.asked(type, other, []);
    expect(NAMES.filter(([type, name]) => see(type, name) !== undefined)).toEqual([]);
    expect(view.store.sum(CLUSTER)).toBe(0n);
  });

  it('answers each name that a channel may have for a host', () => {
    const { ask, see } = setUp(['web']);
    const names = ['web.example.com', 'web.example.com:443', 'WEB.example.com', 'web.example.com.'];
    ask(LISTENER, ...names, 'other.example.com', 'web.example.com:https');
    expect(names.map((name) => see(LISTENER, name))).toEqual(names.map((name) => `${name} -> web since `));
    expect([see(LISTENER, 'other.example.com'), see(LISTENER, 'web.example.com:https')]).toEqual([undefined, undefined]);
  });

  it('has nothing of types that it does not know, nor under names of other types', () => {
    const { view, ask, see } = setUp(['web']);
    ask(SECRET, 'web');
    ask('constructor', 'web');
    ask(CLUSTER, 'web/none');
    ask(ROUTES, 'web/none', 'none');
    expect([see(SECRET, 'web'), see(CLUSTER, 'web/none'), see(ROUTES, 'web/none'), see(ROUTES, 'none')]).toEqual(Array(4).fill(undefined));
    expect(view.store.seq).toBe(0);
  });

  it('is for the services of its group', () => {
    const { desired, view, ask, see } = setUp(['web', undefined, ['edge']], ['api', undefined, ['default']]);
    ask(ROUTES, 'web', 'api');
    expect([see(ROUTES, 'web'), see(ROUTES, 'api')]).toEqual([undefined, '-> api']);
    desired.put(service('web'));
    view.follow(desired, ['web']);
    expect(see(ROUTES, 'web')).toBe('-> web');
  });
});

describe('a change', () => {
  it('of endpoints touches the endpoints alone', () => {
    const { desired, view, ask, see } = setUp(['web']);
    for (const [type, name] of NAMES) ask(type, name);
    const before = view.store.seq;
    desired.put(service('web', ['10.0.0.2:80']));
    view.follow(desired, ['web']);
    expect(see(ENDPOINTS, 'web')).toBe('web at 10.0.0.2:80');
    expect(NAMES.map(([type]) => view.store.since(type, before)?.size)).toEqual([0, 0, 0, 1]);
  });

  it('is a publication even where nobody asked for what it is about, and translates nothing then', () => {
    const { desired, view, ask } = setUp(['web']);
    ask(ROUTES, 'api');
    desired.put(service('web', ['10.0.0.2:80']));
    expect(view.follow(desired, ['web'])).toBe(1);
    expect(testTranslator.made).toEqual([]);
    desired.put(service('other', undefined, ['edge']));
    expect(view.follow(desired, ['other'])).toBe(1);
  });

  it('is found by who asks later, and by who asked before there was a service', () => {
    const { desired, view, ask, see } = setUp();
    ask(LISTENER, 'web.example.com:80');
    desired.put({ ...service('web'), createdAt: 'one' });
    view.follow(desired, ['web']);
    expect(see(LISTENER, 'web.example.com:80')).toBe('web.example.com:80 -> web since one');
    ask(LISTENER);
    desired.delete('web');
    view.follow(desired, ['web']);
    desired.put({ ...service('web'), createdAt: 'two' });
    view.follow(desired, ['web']);
    ask(LISTENER, 'web.example.com:80');
    expect(see(LISTENER, 'web.example.com:80')).toBe('web.example.com:80 -> web since two');
  });

  it('that removes a service takes its listener away, and leaves the rest to those who still ask for it', () => {
    const { desired, view, ask, see } = setUp(['web']);
    for (const [type, name] of NAMES) ask(type, name);
    desired.delete('web');
    view.follow(desired, ['web']);
    expect(NAMES.map(([type, name]) => see(type, name))).toEqual([undefined, '-> web', 'web for grpc', 'web at 10.0.0.1:80']);
    for (const [type] of NAMES) ask(type);
    for (const [type, name] of NAMES) ask(type, name);
    expect(NAMES.map(([type, name]) => see(type, name))).toEqual([undefined, undefined, 'web for grpc', undefined]);
  });

  it('of two hosts with each other leads each listener to the other service', () => {
    const { desired, view, ask, see } = setUp(['a'], ['b']);
    ask(LISTENER, 'a.example.com', 'b.example.com:80');
    desired.put({ ...service('a'), host: 'b.example.com' });
    desired.put({ ...service('b'), host: 'a.example.com' });
    view.follow(desired, ['a', 'b']);
    expect([see(LISTENER, 'a.example.com'), see(LISTENER, 'b.example.com:80')]).toEqual(['a.example.com -> b since ', 'b.example.com:80 -> a since ']);
  });

  it('finds a wildcard, the closest, but no other than the host where there is one', () => {
    const { desired, view, ask, see } = setUp();
    const names = ['web.example.com', 'x.deep.example.com:80', 'example.com'];
    ask(LISTENER, ...names);
    const leads = () => names.map((name) => see(LISTENER, name)?.replace(/^.* -> (\w+) .*$/, '$1'));
    const put = (id: string, host: string) => {
      desired.put({ ...service(id), host });
      view.follow(desired, [id]);
      return leads();
    };
    const remove = (id: string) => {
      desired.delete(id);
      view.follow(desired, [id]);
      return leads();
    };
    expect(put('all', '*.example.com')).toEqual(['all', 'all', undefined]);
    expect(put('deep', '*.deep.example.com')).toEqual(['all', 'deep', undefined]);
    expect(put('web', 'web.example.com')).toEqual(['web', 'deep', undefined]);
    expect(remove('all')).toEqual(['web', 'deep', undefined]);
    expect(remove('deep')).toEqual(['web', undefined, undefined]);
    expect(put('all', '*.example.com')).toEqual(['web', 'all', undefined]);
    expect(remove('web')).toEqual(['all', 'all', undefined]);
  });

  it('sends once more what it is told to', () => {
    const { desired, view, ask } = setUp(['web']);
    for (const [type, name] of NAMES) ask(type, name);
    view.follow(desired, [], ['web', 'none']);
    expect(NAMES.map(([type]) => view.store.since(type, 0)?.size)).toEqual([1, 1, 1, 1]);
  });
});
