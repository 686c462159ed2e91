import { describe, expect, it } from 'vitest';
import type { Attachment } from '../xds/attachment.ts';
import { CLUSTER, ROUTES } from '../xds/types.ts';
import type { NodeReport } from './report.ts';
import { Rollout } from './rollout.ts';
import { answer, client, service, TestDesired, testTranslator } from './testkit.ts';

function setUp(...services: Parameters<typeof service>[]) {
  const desired = new TestDesired(...services.map((each) => service(...each)));
  const refusals: unknown[] = [];
  const rollout = new Rollout({
    desired,
    translator: testTranslator,
    listeners: { default: { host: '127.0.0.1', port: 10_000 } },
    onRejected: (refusal) => refusals.push(refusal),
  });
  const commit = (id: string, ...rest: [endpoints?: string[], groups?: string[]]): number => {
    const number = desired.put(service(id, ...rest));
    rollout.notice({ number, changes: [{ id }] });
    return number;
  };
  const connect = (id: string, cluster = ''): Attachment => {
    const attachment = rollout.attach(client(id, { cluster }));
    attachment.observer.settled(attachment.store.seq);
    return attachment;
  };
  const nodeOf = (id: string): NodeReport | undefined => rollout.nodes().find((node) => node.id === id);
  return { rollout, desired, commit, connect, nodeOf, refusals };
}

function refuse({ observer }: Attachment, from: number, seq: number, message = 'no', type = ROUTES): void {
  observer.rejected({ answer: answer(type, from, seq), error: { code: 3, message }, from, culprits: undefined });
}

const LONG = { timeout: 60_000 };

describe('how far a revision has come', () => {
  it('nobody is there', async () => {
    const { rollout, commit } = setUp();
    expect(await rollout.progress(commit('web'), LONG)).toEqual({
      revision: 1,
      state: 'no-envoys',
      nodes: 0,
      acked: 0,
      pending: [],
      rejected: [],
      elapsedMs: 0,
    });
  });

  it('some have answered, then all', async () => {
    const { rollout, commit, connect } = setUp();
    const [a, b] = [connect('a'), connect('b')];
    const revision = commit('web');
    expect(await rollout.progress(revision)).toMatchObject({ state: 'pending', nodes: 2, acked: 0, pending: ['a', 'b'] });
    a.observer.settled(a.store.seq);
    expect(await rollout.progress(revision)).toMatchObject({ state: 'pending', acked: 1, pending: ['b'] });
    b.observer.settled(b.store.seq);
    const live = await rollout.progress(revision);
    expect(live).toMatchObject({ state: 'live', nodes: 2, acked: 2, pending: [] });
    expect(await rollout.progress(revision)).toEqual(live);
  });

  it('some refused it: those who do are named, with what they said', async () => {
    const { rollout, commit, connect, refusals } = setUp();
    const [a, b] = [connect('a'), connect('b')];
    const revision = commit('web');
    await rollout.progress(revision);
    refuse(a, 1, 2, 'bad cluster', CLUSTER);
    a.observer.settled(2);
    b.observer.settled(2);
    expect(await rollout.progress(revision)).toMatchObject({ state: 'rejected', acked: 1, rejected: [{ node: 'a', type: 'cds', message: 'bad cluster' }] });
    expect(refusals).toEqual([{ node: 'a', group: 'default', type: 'cds', version: 'v2', message: 'bad cluster' }]);
    // It concerns neither what was before nor what comes after.
    expect(await rollout.progress(0)).toMatchObject({ state: 'live' });
    const next = commit('api');
    await rollout.progress(next);
    for (const { observer } of [a, b]) observer.settled(3);
    expect(await rollout.progress(next)).toMatchObject({ state: 'live' });
    expect(await rollout.progress(revision)).toMatchObject({ state: 'rejected' });
    a.observer.recovered(CLUSTER);
    expect(await rollout.progress(revision)).toMatchObject({ state: 'live' });
  });

  it('the first answer of all was refused: it holds every revision', async () => {
    const { rollout, connect } = setUp(['web']);
    const a = connect('a');
    refuse(a, -1, 1);
    expect(await rollout.progress(1)).toMatchObject({ state: 'rejected', nodes: 1, acked: 0 });
  });

  it('counts only those whose group it concerns, later ones too', async () => {
    const { rollout, commit, connect } = setUp();
    const [a, b] = [connect('a', 'edge'), connect('b', 'inner')];
    const edge = commit('web', ['10.0.0.1:80'], ['edge']);
    expect(await rollout.progress(edge)).toMatchObject({ nodes: 1, pending: ['a'] });
    const both = commit('api');
    expect(await rollout.progress(both)).toMatchObject({ nodes: 2, pending: ['a', 'b'] });
    a.observer.settled(a.store.seq);
    expect(await rollout.progress(edge)).toMatchObject({ state: 'live', nodes: 1 });
    b.observer.settled(b.store.seq);
    expect(await rollout.progress(both)).toMatchObject({ state: 'live', nodes: 2 });
  });

  it('one node over several streams has taken it when all have', async () => {
    const { rollout, commit } = setUp();
    const streams = [rollout.attach(client('a', { aggregated: false })), rollout.attach(client('a', { aggregated: false }))];
    for (const { observer } of streams) observer.settled(1);
    const revision = commit('web');
    await rollout.progress(revision);
    streams[0]?.observer.settled(2);
    expect(await rollout.progress(revision)).toMatchObject({ state: 'pending', nodes: 1, acked: 0 });
    streams[1]?.observer.settled(2);
    expect(await rollout.progress(revision)).toMatchObject({ state: 'live', nodes: 1, acked: 1 });
  });

  it('names no more nodes than help', async () => {
    const { rollout, commit, connect } = setUp();
    for (let i = 0; i < 50; i++) connect(`n${i}`);
    const progress = await rollout.progress(commit('web'));
    expect([progress.nodes, progress.pending.length]).toEqual([50, 20]);
  });
});

describe('who waits', () => {
  it('is told when the last has answered, refused or gone', async () => {
    const { rollout, commit, connect } = setUp();
    const [a, b, c] = [connect('a'), connect('b'), connect('c')];
    const waiting = rollout.progress(commit('web'), LONG);
    await rollout.progress(1);
    a.observer.settled(2);
    refuse(b, 1, 2);
    c.observer.closed();
    expect(await waiting).toMatchObject({ state: 'rejected', nodes: 2, acked: 1, rejected: [{ node: 'b' }] });
  });

  it('waits for those who were there, not for who comes', async () => {
    const { rollout, commit, connect } = setUp();
    const a = connect('a');
    const waiting = rollout.progress(commit('web'), LONG);
    await rollout.progress(1);
    rollout.attach(client('late'));
    a.observer.settled(2);
    expect(await waiting).toMatchObject({ state: 'pending', acked: 1, pending: ['late'] });
  });

  it('waits for each revision by itself', async () => {
    const { rollout, commit, connect } = setUp();
    const a = connect('a');
    const first = rollout.progress(commit('web'), LONG);
    await rollout.progress(1);
    const second = rollout.progress(commit('api'), LONG);
    await rollout.progress(2);
    a.observer.settled(2);
    expect(await first).toMatchObject({ revision: 1, state: 'live' });
    a.observer.settled(3);
    expect(await second).toMatchObject({ revision: 2, state: 'live' });
  });

  it('gets what there is when the time is up, or when it gives up', async () => {
    const { rollout, commit, connect } = setUp();
    connect('a');
    const revision = commit('web');
    expect(await rollout.progress(revision, { timeout: 1 })).toMatchObject({ state: 'pending' });
    const controller = new AbortController();
    const waiting = rollout.progress(revision, { ...LONG, signal: controller.signal });
    controller.abort();
    expect(await waiting).toMatchObject({ state: 'pending' });
    expect(await rollout.progress(revision, { ...LONG, signal: controller.signal })).toMatchObject({ state: 'pending' });
  });

  it('is let go when the rollout closes', async () => {
    const { rollout, commit, connect } = setUp();
    connect('a');
    const waiting = rollout.progress(commit('web'), LONG);
    await rollout.progress(1);
    const unpublished = rollout.progress(commit('api'), LONG);
    rollout.close();
    expect(await waiting).toMatchObject({ state: 'pending' });
    await unpublished;
  });

  it('for what is sent once more waits for the answers to that', async () => {
    const { rollout, connect } = setUp(['web']);
    const a = connect('a');
    const waiting = rollout.resend('web', LONG);
    await rollout.progress(1);
    expect(a.store.seq).toBe(2);
    a.observer.settled(2);
    expect(await waiting).toMatchObject({ state: 'live', nodes: 1 });
  });
});

describe('what is shown of a node', () => {
  it('in sync, behind, in sync, rejected, gone', async () => {
    const { rollout, commit, connect, nodeOf } = setUp(['web']);
    const a = connect('a');
    expect(nodeOf('a')).toMatchObject({ state: 'in-sync', revision: 1, streams: 1, variant: 'delta', group: 'default' });
    await rollout.progress(commit('api'));
    a.observer.sent(answer(CLUSTER, 1, 2), 100);
    expect(nodeOf('a')).toMatchObject({ state: 'behind', revision: 1 });
    a.observer.acked(answer(CLUSTER, 1, 2));
    a.observer.settled(2);
    expect(nodeOf('a')).toMatchObject({ state: 'in-sync', revision: 2, lastAnswerAt: expect.any(String) });
    await rollout.progress(commit('db'));
    a.observer.sent(answer(ROUTES, 2, 3), 100);
    refuse(a, 2, 3, 'bad');
    a.observer.settled(3);
    expect(nodeOf('a')).toMatchObject({
      state: 'rejected',
      revision: 2,
      types: [{ type: 'cds' }, { type: 'rds', rejected: 1, rejection: { version: 'v3', message: 'bad' } }],
    });
    a.observer.recovered(ROUTES);
    expect(nodeOf('a')?.state).toBe('in-sync');
    expect(nodeOf('a')?.types[1]).not.toHaveProperty('rejection');
    a.observer.closed();
    expect(nodeOf('a')).toMatchObject({ state: 'gone', connected: false, revision: 0, streams: 0, variant: 'none' });
  });

  it('never claims a revision that is not published yet', async () => {
    const { rollout, commit, connect, nodeOf } = setUp(['web']);
    connect('a');
    const revision = commit('api');
    expect(nodeOf('a')?.revision).toBe(1);
    await rollout.progress(revision);
    expect(nodeOf('a')?.revision).toBe(1);
  });

  it('has the newest revision where it did not concern it', async () => {
    const { rollout, commit, connect, nodeOf } = setUp(['web']);
    connect('a');
    await rollout.progress(commit('api', ['10.0.0.1:80'], ['edge']));
    expect(nodeOf('a')).toMatchObject({ state: 'in-sync', revision: 2 });
  });

  it('a refusal ends with the stream that said it', () => {
    const { rollout, connect, nodeOf } = setUp(['web']);
    const old = connect('a');
    refuse(old, -1, 1);
    const again = rollout.attach(client('a'));
    again.observer.settled(1);
    expect(nodeOf('a')?.state).toBe('rejected');
    old.observer.closed();
    expect(nodeOf('a')?.state).toBe('in-sync');
    expect(nodeOf('a')?.types[0]).not.toHaveProperty('rejection');
  });

  it('nodes are listed by id, and counted', () => {
    const { rollout, connect } = setUp();
    connect('b');
    connect('a').observer.closed();
    connect('c').observer.sent(answer(CLUSTER), 100);
    expect(rollout.nodes().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(rollout.stats()).toMatchObject({ nodes: 2, streams: 2, updateCount: 0, lastUpdate: undefined, types: { cds: { sent: 1, acked: 0, rejected: 0 } } });
  });
});
