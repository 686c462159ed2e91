import { describe, expect, it, vi } from 'vitest';
import type { Move } from '../model/placement.ts';
import type { Attachment } from '../xds/attachment.ts';
import type { Client } from '../xds/server.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from '../xds/types.ts';
import { Rollout } from './rollout.ts';
import { answer, client, service, TestDesired, testTranslator } from './testkit.ts';

const LONG = { timeout: 60_000 };

function setUp() {
  const moves = new Map<string, Move>();
  const desired = new TestDesired(service('all'), service('old', ['10.0.0.1:80'], ['old']), service('new', ['10.0.0.1:80'], ['new']));
  const rollout = new Rollout({ desired, translator: testTranslator, listeners: { default: { host: '127.0.0.1', port: 10_000 } }, groups: { moves } });
  const move = (id: string, group: string | undefined): void => {
    if (group === undefined) moves.delete(id);
    else moves.set(id, { node: id, group, at: '2026-01-01T00:00:00.000Z', by: 'ann@laptop' });
    rollout.regroup(id);
  };
  /** One that has asked for the types given and is in sync; ended, it is gone until it is connected again. */
  const connect = (id: string, more: Partial<Client> = {}, types = [CLUSTER, LISTENER, ROUTES]): Attachment & { restart: ReturnType<typeof vi.fn> } => {
    const restart = vi.fn(() => attachment.observer.closed());
    const attachment = rollout.attach({ ...client(id, { cluster: 'old' }), ...more, restart });
    for (const type of types) attachment.observer.asked(type);
    attachment.observer.settled(attachment.store.seq);
    return { ...attachment, restart };
  };
  const clustersOf = ({ store }: Attachment): string[] => [...store.resources(CLUSTER).keys()].toSorted();
  const nodeOf = (id: string) => rollout.nodes().find((node) => node.id === id);
  return { rollout, move, connect, clustersOf, nodeOf };
}

describe('a node that is moved', () => {
  it('is told to come back, and then has what its group holds', async () => {
    const { rollout, move, connect, clustersOf, nodeOf } = setUp();
    const before = connect('n');
    expect(clustersOf(before)).toEqual(['all', 'old']);
    move('n', 'new');
    expect(before.restart.mock.calls).toEqual([['n belongs to group new now: come back for what that holds']]);
    expect(await rollout.arrival('n')).toMatchObject({ state: 'pending', nodes: 1, acked: 0, pending: ['n'] });
    expect(nodeOf('n')).toMatchObject({ state: 'gone', group: 'new', placement: { from: 'move', by: 'ann@laptop' } });
    const after = connect('n');
    expect(clustersOf(after)).toEqual(['all', 'new']);
    expect(await rollout.arrival('n', LONG)).toMatchObject({ state: 'live', nodes: 1, acked: 1, pending: [] });
    expect(nodeOf('n')).toMatchObject({ state: 'in-sync', group: 'new' });
  });

  it('goes back to its own group when that is undone', async () => {
    const { rollout, move, connect, clustersOf } = setUp();
    connect('n');
    move('n', 'new');
    const moved = connect('n');
    move('n', undefined);
    expect(moved.restart).toHaveBeenCalledOnce();
    expect(clustersOf(connect('n'))).toEqual(['all', 'old']);
    expect([rollout.placement('n'), (await rollout.arrival('n')).state]).toEqual([{ group: 'old', from: 'cluster' }, 'live']);
  });

  it('is left alone where it is in that group already, and so are all others', async () => {
    const { rollout, move, connect } = setUp();
    const [n, other] = [connect('n'), connect('other')];
    move('n', 'old');
    expect([n.restart, other.restart].map(({ mock }) => mock.calls)).toEqual([[], []]);
    expect(rollout.placement('n')).toMatchObject({ group: 'old', from: 'move' });
    expect((await rollout.arrival('n', LONG)).state).toBe('live');
    move('n', 'new');
    expect(other.restart).not.toHaveBeenCalled();
  });

  it('may be away: then nobody is waited for, and it gets its group when it comes', async () => {
    const { rollout, move, connect, clustersOf } = setUp();
    connect('n').observer.closed();
    move('n', 'new');
    expect(await rollout.arrival('n', LONG)).toMatchObject({ state: 'no-envoys', nodes: 0, elapsedMs: 0 });
    expect(clustersOf(connect('n'))).toEqual(['all', 'new']);
    expect(await rollout.arrival('never-seen', LONG)).toMatchObject({ state: 'no-envoys' });
  });
});

describe('it has arrived', () => {
  it('not before it asked again for all that it has to', async () => {
    const { rollout, move, connect } = setUp();
    connect('n', {}, [CLUSTER, ENDPOINTS, LISTENER, ROUTES]);
    move('n', 'new');
    const after = connect('n', {}, [CLUSTER]);
    expect((await rollout.arrival('n')).state).toBe('pending');
    const arrival = rollout.arrival('n', LONG);
    for (const type of [LISTENER, ROUTES]) after.observer.asked(type);
    after.observer.settled(after.store.seq);
    expect((await arrival).state).toBe('live');
  });

  it('with every stream that it had, where it has one for each type', async () => {
    const { rollout, move, connect } = setUp();
    const streams = [CLUSTER, LISTENER, ROUTES].map((type) => connect('n', { onlyType: type }, [type]));
    move('n', 'new');
    for (const { restart } of streams) expect(restart).toHaveBeenCalledOnce();
    for (const type of [CLUSTER, LISTENER]) connect('n', { onlyType: type }, [type]);
    expect((await rollout.arrival('n')).state).toBe('pending');
    connect('n', { onlyType: ROUTES }, [ROUTES]);
    expect((await rollout.arrival('n', LONG)).state).toBe('live');
  });

  it('also where it refuses something: then that is said', async () => {
    const { rollout, move, connect } = setUp();
    connect('n');
    move('n', 'new');
    const arrival = rollout.arrival('n', LONG);
    const { observer, store } = connect('n', {}, []);
    for (const type of [CLUSTER, LISTENER]) observer.sent(answer(type, -1, store.seq), 1);
    for (const type of [CLUSTER, LISTENER, ROUTES]) observer.asked(type);
    observer.rejected({ answer: answer(LISTENER, -1, store.seq), error: { code: 3, message: 'cannot bind' }, from: -1, culprits: undefined });
    expect((await rollout.arrival('n')).state).toBe('pending');
    observer.settled(store.seq);
    expect(await arrival).toMatchObject({ state: 'rejected', acked: 0, rejected: [{ node: 'n', type: 'lds', message: 'cannot bind' }] });
  });

  it('is not waited for longer than asked, nor once the daemon stops or the one who waits is gone', async () => {
    const { rollout, move, connect } = setUp();
    connect('n');
    move('n', 'new');
    expect((await rollout.arrival('n', { timeout: 1 })).state).toBe('pending');
    const gone = new AbortController();
    const waiting = [rollout.arrival('n', { ...LONG, signal: gone.signal }), rollout.arrival('n', LONG)];
    gone.abort();
    expect((await waiting[0])?.state).toBe('pending');
    rollout.close();
    expect((await waiting[1])?.state).toBe('pending');
  });
});

describe('what it held before', () => {
  it('is known of an ADS stream in the state of the world, once', () => {
    const { move, connect } = setUp();
    connect('n', { variant: 'sotw' });
    move('n', 'new');
    expect(connect('n', { variant: 'sotw' }).heldBefore).toBeDefined();
    expect(connect('n', { variant: 'sotw' }).heldBefore).toBeUndefined();
  });

  it('is said by the others themselves', () => {
    const { move, connect } = setUp();
    for (const more of [{ variant: 'delta' }, { variant: 'sotw', onlyType: CLUSTER }] as const) {
      connect('n', more);
      move('n', 'new');
      expect(connect('n', more).heldBefore).toBeUndefined();
      move('n', undefined);
      connect('n', more).observer.closed();
    }
  });
});
