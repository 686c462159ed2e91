import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseGroupRule } from '../model/group-rule.ts';
import { CLUSTER, LISTENER, ROUTES } from '../xds/types.ts';
import { Fleet } from './fleet.ts';
import type { FleetOptions } from './fleet-options.ts';
import { Grouping } from './grouping.ts';
import { KEPT } from './idle-views.ts';
import { answer, client, service, TestDesired, testTranslator, text } from './testkit.ts';

function setUp(desired = new TestDesired(service('web')), more: Partial<FleetOptions> = {}) {
  const onNode = vi.fn();
  const fleet = new Fleet({
    desired,
    translator: testTranslator,
    listeners: { default: { host: '127.0.0.1', port: 10_000 }, edge: { host: '0.0.0.0', port: 80 } },
    events: { settled: vi.fn(), rejected: vi.fn(), closed: vi.fn() },
    onNode: (node, what) => onNode(node.id, node.group, what),
    ...more,
  });
  const publish = (...ids: string[]): void => fleet.publish(ids, desired.revision, 0);
  return { fleet, desired, onNode, publish };
}

describe('a view', () => {
  it('is one for all nodes of its group, and nobody’s when the last of them has left', () => {
    const { fleet, desired, publish } = setUp();
    const [one, two] = [fleet.attach(client('one')), fleet.attach(client('two'))];
    expect(two.store).toBe(one.store);
    one.observer.closed();
    expect([...fleet.views]).toHaveLength(1);
    desired.put(service('api'));
    publish('api');
    expect(two.store.resources(CLUSTER).size).toBe(2);
    two.observer.closed();
    expect([...fleet.views]).toHaveLength(0);
    expect(fleet.streamCount).toBe(0);
  });

  it('is that of the node’s group, with the group’s listener; a group that is not named gets the default’s', () => {
    const { fleet } = setUp(new TestDesired(service('all'), service('inner', ['10.0.0.1:80'], ['inner'])));
    const [none, byName, edge, inner] = [
      fleet.attach(client('a')),
      fleet.attach(client('b', { cluster: 'default' })),
      fleet.attach(client('c', { cluster: 'edge' })),
      fleet.attach(client('d', { cluster: 'inner' })),
    ];
    expect(byName.store).toBe(none.store);
    expect([none, edge, inner].map((each) => text(each, LISTENER, 'http'))).toEqual(['127.0.0.1:10000 ads', '0.0.0.0:80 ads', '127.0.0.1:10000 ads']);
    expect([none, edge, inner].map((each) => each.store.resources(CLUSTER).size)).toEqual([1, 1, 2]);
    expect([...fleet.nodes.values()].map(({ group }) => group)).toEqual(['default', 'default', 'edge', 'inner']);
  });

  it('differs between those who ask over one stream and those who ask over many', () => {
    const { fleet } = setUp();
    const [ads, separate] = [fleet.attach(client('a')), fleet.attach(client('b', { aggregated: false }))];
    expect([text(ads, CLUSTER, 'web'), text(separate, CLUSTER, 'web')]).toEqual(['web by discovery', 'web at 10.0.0.1:80']);
  });

  it('of gRPC clients is one of their own: neither they nor Envoys hold what is for the others', () => {
    const { fleet, desired, publish } = setUp();
    const envoy = fleet.attach(client('a'));
    const [go, java] = [fleet.attach(client('b', { userAgent: 'gRPC Go' })), fleet.attach(client('c', { userAgent: 'grpc-java', aggregated: false }))];
    expect([envoy.asked, java.store]).toEqual([undefined, go.store]);
    expect([envoy.forgetful, go.forgetful]).toEqual([false, true]);
    const asker = {};
    go.asked?.(LISTENER, asker, ['http', 'web.example.com']);
    expect([...go.store.resources(LISTENER).keys()]).toEqual(['web.example.com']);
    expect([...envoy.store.resources(LISTENER).keys()]).toEqual(['http']);
    desired.put(service('web', ['10.0.0.2:80']));
    publish('web');
    expect([envoy.store.seq, go.store.seq]).toEqual([2, 1]);
    expect([...fleet.nodes.values()].map(({ agent }) => agent)).toEqual(['envoy 1.40.0', 'gRPC Go 1.40.0', 'grpc-java 1.40.0']);
  });

  it('is not made for groups without end', () => {
    const { fleet } = setUp();
    for (let i = 0; i < 1000; i++) fleet.attach(client(`n${i}`, { cluster: `g${i}` }));
    expect(() => fleet.attach(client('one-more', { cluster: 'one-more' }))).toThrow('more than 1000 groups');
    expect(() => fleet.attach(client('known', { cluster: 'g7' }))).not.toThrow();
  });

  it('does not keep the request that a node’s metadata is a part of', () => {
    const { fleet } = setUp(undefined, { grouping: new Grouping({ rules: [parseGroupRule('edge=metadata:role=edge')] }) });
    // Struct { fields: { "role": Value { string_value: "edge" } } }
    const metadata = Buffer.from([10, 14, 10, 4, ...Buffer.from('role'), 18, 6, 26, 4, ...Buffer.from('edge')]);
    const asking = client('a');
    fleet.attach({ ...asking, node: { ...asking.node, metadata } });
    expect(fleet.nodes.get('a')?.placement).toEqual({ group: 'edge', from: 'rule', rule: 'edge=metadata:role=edge' });
    for (const { client: kept } of fleet.nodes.get('a')?.streams ?? []) expect(kept.node.metadata).toBeUndefined();
  });

  it('needs a listener', () => {
    const { fleet } = setUp(new TestDesired(), { listeners: { edge: { host: '::', port: 80 } } });
    expect(() => fleet.attach(client('a'))).toThrow('there is no listener for group default');
    expect(fleet.nodes.size).toBe(0);
  });
});

describe('a view that the last node has left', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes over what it missed when a node comes back, in one publication that nobody has to answer', () => {
    const flush = vi.fn();
    const { fleet, desired, publish } = setUp(undefined, { flush });
    const one = fleet.attach(client('one'));
    one.observer.settled(1);
    one.observer.closed();
    desired.put(service('api'));
    publish('api');
    desired.delete('web');
    publish('web');
    expect(one.store.seq).toBe(1);
    expect(flush).not.toHaveBeenCalled();
    const two = fleet.attach(client('two'));
    expect([two.store === one.store, two.store.seq, [...two.store.resources(CLUSTER).keys()]]).toEqual([true, 2, ['api']]);
    expect(flush).toHaveBeenCalledTimes(1);
    const [view] = fleet.views;
    expect(view?.publications.newest).toMatchObject({ seq: 2, after: 1, revision: 3, remaining: 0, completedAt: expect.any(Number) });
    expect(view?.publications.pending).toBe(0);
    expect([1, 2, 3, 4].map((revision) => view?.publications.holding(revision)?.seq)).toEqual([1, 2, 2, undefined]);
    two.observer.settled(2);
    two.observer.closed();
    expect(fleet.meters.group('default').lastAnswer.count).toBe(0);
    expect(fleet.meters.stages.publish.count).toBe(0);
  });

  it('makes no publication where it missed nothing', () => {
    const { fleet, desired, publish } = setUp();
    const one = fleet.attach(client('one', { cluster: 'inner' }));
    one.observer.closed();
    desired.put(service('other', ['10.0.0.1:80'], ['elsewhere']));
    publish('other');
    const two = fleet.attach(client('two', { cluster: 'inner' }));
    expect([two.store === one.store, two.store.seq]).toEqual([true, 1]);
    const [view] = fleet.views;
    expect(view?.publications.holding(2)).toBeUndefined();
  });

  it('goes after a minute, and is made anew', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { fleet } = setUp();
    const one = fleet.attach(client('one'));
    one.observer.closed();
    vi.advanceTimersByTime(KEPT + 1);
    expect(fleet.attach(client('two')).store).not.toBe(one.store);
  });

  it('makes room for a group that somebody is in', () => {
    const { fleet } = setUp();
    const lone = fleet.attach(client('lone', { cluster: 'lone' }));
    for (let i = 0; i < 999; i++) fleet.attach(client(`n${i}`, { cluster: `g${i}` }));
    lone.observer.closed();
    expect(() => fleet.attach(client('new', { cluster: 'new' }))).not.toThrow();
    expect(() => fleet.attach(client('lone', { cluster: 'lone' }))).toThrow('more than 1000 groups');
  });

  it('is not kept where its clients’ versions say nothing, nor once the fleet is closed', () => {
    const { fleet } = setUp();
    const grpc = fleet.attach(client('b', { userAgent: 'gRPC Go' }));
    grpc.observer.closed();
    expect(fleet.attach(client('b', { userAgent: 'gRPC Go' })).store).not.toBe(grpc.store);
    const envoy = fleet.attach(client('a'));
    fleet.close();
    envoy.observer.closed();
    expect(fleet.attach(client('a')).store).not.toBe(envoy.store);
  });
});

describe('a publication', () => {
  it('waits for the streams that were there', () => {
    const { fleet, desired, publish } = setUp();
    const [one, two] = [fleet.attach(client('one')), fleet.attach(client('two'))];
    for (const { observer } of [one, two]) observer.settled(1);
    desired.put(service('api'));
    publish('api');
    const [view] = fleet.views;
    const publication = view?.publications.newest;
    const late = fleet.attach(client('late'));
    late.observer.settled(2);
    expect(publication?.remaining).toBe(2);
    one.observer.settled(2);
    two.observer.closed();
    expect(publication).toMatchObject({ remaining: 0, completedAt: expect.any(Number), after: 1, revision: 2 });
    one.observer.closed();
    late.observer.closed();
    expect(publication?.remaining).toBe(0);
  });

  it('is made only where something changed, and counts all the same', () => {
    const { fleet, desired, publish } = setUp();
    const [inner, edge] = [fleet.attach(client('a', { cluster: 'inner' })), fleet.attach(client('b', { cluster: 'edge' }))];
    desired.put(service('api', ['10.0.0.1:80'], ['edge']));
    publish('api');
    expect([inner.store.seq, edge.store.seq]).toEqual([1, 2]);
    expect([fleet.updateCount, fleet.revision, fleet.lastUpdate]).toEqual([1, 2, expect.any(Date)]);
  });
});

describe('a node', () => {
  it('comes with its first stream and goes with its last', () => {
    const { fleet, onNode } = setUp();
    const streams = [fleet.attach(client('a', { aggregated: false })), fleet.attach(client('a', { aggregated: false }))];
    expect(fleet.streamCount).toBe(2);
    for (const { observer } of streams) observer.closed();
    expect(onNode.mock.calls).toEqual([
      ['a', 'default', 'connected'],
      ['a', 'default', 'gone'],
    ]);
    expect(fleet.nodes.get('a')).toMatchObject({ connected: false, goneAt: expect.any(Date) });
  });

  it('that comes back begins a new story, is listed last, and may have changed its group', () => {
    const { fleet } = setUp();
    const first = fleet.attach(client('a'));
    fleet.attach(client('b'));
    first.observer.sent(answer(CLUSTER), 100);
    first.observer.closed();
    fleet.attach(client('a', { cluster: 'edge' }));
    expect([...fleet.nodes.keys()]).toEqual(['b', 'a']);
    expect(fleet.nodes.get('a')).toMatchObject({ group: 'edge', connected: true, agent: 'envoy 1.40.0' });
    expect(fleet.nodes.get('a')?.types.size).toBe(0);
  });

  it('is forgotten when a thousand others have gone after it', () => {
    const { fleet } = setUp();
    const stay = fleet.attach(client('stays'));
    for (let i = 0; i < 1002; i++) fleet.attach(client(`n${i}`)).observer.closed();
    expect(fleet.nodes.has('n0')).toBe(false);
    expect(fleet.nodes.has('n1001')).toBe(true);
    expect(fleet.nodes.has('stays')).toBe(true);
    stay.observer.closed();
  });

  it('counts by type, for itself and in total', () => {
    const { fleet } = setUp();
    const [one, two] = [fleet.attach(client('one')), fleet.attach(client('two'))];
    for (const { observer } of [one, two]) observer.sent(answer(ROUTES), 100);
    one.observer.acked(answer(ROUTES));
    two.observer.rejected({ answer: answer(ROUTES), error: { code: 3, message: 'no' }, from: 0, culprits: undefined });
    expect(fleet.meters.group('default').type(ROUTES)).toEqual({ sent: 2, acked: 1, rejected: 1, sentBytes: 200, receivedBytes: 0, heartbeats: 0 });
    expect(fleet.nodes.get('two')?.types.get(ROUTES)).toMatchObject({ sent: 1, acked: 0, rejected: 1, sentVersion: 'v1', ackedVersion: '' });
  });
});
