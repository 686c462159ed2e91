import { afterEach, describe, expect, it } from 'vitest';
import { service } from '../../src/rollout/testkit.ts';
import { CLUSTER, ENDPOINTS } from '../../src/xds/types.ts';
import type { Picky } from '../support/picky-client.ts';
import { SafeFleet } from '../support/safe-fleet.ts';
import { waitFor } from '../support/wait.ts';

/** One node of a group gets a change first, the others once it has taken it, or has had its time. */

const refuses = (type: string, text: string): string | undefined => (type === CLUSTER && text.includes('bad-name') ? 'no such name' : undefined);
/** Whoever asks on separate streams has the endpoints in the cluster. */
const holds = (client: Picky, id: string, address: string): boolean => (client.text(ENDPOINTS, id) ?? client.text(CLUSTER, id))?.includes(address) === true;

describe.each(['delta', 'sotw', 'separate'] as const)('canaries, %s', (way) => {
  let fleet: SafeFleet;
  afterEach(async () => {
    await fleet.close();
  });
  const state = (id: string) => fleet.rollout.nodes().find((node) => node.id === id)?.state;
  const canaries = () => fleet.rollout.safety().canaries[0];

  it('a change that the first refuses never reaches the others; everything else does', async () => {
    fleet = await SafeFleet.start({ canary: { nodes: 1 } }, way);
    fleet.commit(service('web'));
    const first = await fleet.connectInSync('a', { refuses });
    const rest = [await fleet.connectInSync('b', { refuses }), await fleet.connectInSync('c', { refuses })];
    const revision = fleet.commit(service('web', ['bad-name:80']), service('good', ['10.0.0.5:80']));
    for (const each of [first, ...rest]) await waitFor('the good one', () => holds(each, 'good', '10.0.0.5'));
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    expect(await fleet.rollout.progress(revision, { timeout: 30_000 })).toMatchObject({ state: 'rejected', nodes: 3, rejected: [{ node: 'a' }] });
    // The rest goes on getting changes.
    expect(await fleet.rollout.progress(fleet.commit(service('late')), { timeout: 30_000 })).toMatchObject({ state: 'live', nodes: 3 });
    expect([first, ...rest].map((each) => [each.rejected.get(CLUSTER), each.wasSent('bad-name'), holds(each, 'web', '10.0.0.1')])).toEqual([
      [1, true, true],
      [undefined, false, true],
      [undefined, false, true],
    ]);
  });

  it('the others wait until it has answered, and whoever waits for the revision waits for them', async () => {
    fleet = await SafeFleet.start({ canary: { nodes: 1 } }, way);
    fleet.commit(service('web'));
    const first = await fleet.connectInSync('a');
    const other = await fleet.connectInSync('b');
    first.silent = true;
    const revision = fleet.commit(service('web', ['10.0.0.2:80']));
    const waiting = fleet.rollout.progress(revision, { timeout: 60_000 });
    await waitFor('the first to be sent it', () => first.wasSent('10.0.0.2'));
    expect(await fleet.rollout.progress(revision)).toMatchObject({ state: 'pending', nodes: 2, acked: 0, pending: ['a', 'b'] });
    expect(canaries()).toMatchObject({ group: 'default', waiting: 1, nodes: [{ id: 'a', state: 'waiting' }] });
    // A newer version is theirs first as well.
    fleet.commit(service('web', ['10.0.0.3:80']));
    expect([other.wasSent('10.0.0.2'), other.wasSent('10.0.0.3')]).toEqual([false, false]);
    first.speak();
    expect(await waiting).toMatchObject({ state: 'live', nodes: 2, acked: 2 });
    await waitFor('the newest', () => holds(other, 'web', '10.0.0.3'));
    await waitFor('nothing to wait', () => canaries()?.waiting === 0 && state('b') === 'in-sync');
    expect(canaries()?.nodes).toEqual([{ id: 'a', state: 'in-sync' }]);
  });

  it('one that never answers does not hold the others beyond the limit, is named, and another takes its place', async () => {
    fleet = await SafeFleet.start({ canary: { nodes: 1 }, canaryTimeout: 1000 }, way);
    fleet.commit(service('web'));
    const first = await fleet.connectInSync('a');
    const other = await fleet.connectInSync('b');
    const third = await fleet.connectInSync('c');
    first.silent = true;
    fleet.commit(service('web', ['10.0.0.2:80']));
    for (const each of [other, third]) await waitFor('the limit', () => holds(each, 'web', '10.0.0.2'));
    expect(fleet.stalled.at(-1)).toEqual(['a']);
    const stalled = fleet.stalled.length;
    expect(canaries()?.nodes).toEqual([expect.objectContaining({ id: 'a', state: 'stalled' })]);
    fleet.commit(service('web', ['10.0.0.3:80']));
    await waitFor('the next one to be told to come back', () => other.ended !== undefined);
    const back = await fleet.connectInSync('b');
    await waitFor('the third', () => holds(third, 'web', '10.0.0.3'));
    expect([holds(back, 'web', '10.0.0.3'), fleet.stalled.length]).toEqual([true, stalled]);
    expect(canaries()?.nodes.map(({ id, state: each }) => [id, each])).toEqual([
      ['a', 'stalled'],
      ['b', 'in-sync'],
    ]);
    first.speak();
    await waitFor('the first to count again', () => canaries()?.nodes[0]?.state === 'in-sync');
  });

  it('a new daemon has what was changed lately go to the first first', async () => {
    fleet = await SafeFleet.start({ canary: { nodes: 1 } }, way);
    fleet.commit(service('web'), service('api'));
    fleet.commit(service('web', ['bad-name:80']));
    await fleet.restart();
    const first = fleet.connect('a', { refuses, silent: true });
    const other = fleet.connect('b', { refuses });
    await waitFor('the other to be served', () => holds(other, 'web', '10.0.0.1') && holds(other, 'api', '10.0.0.1'));
    first.speak();
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    for (const each of [first, other]) await waitFor('the version before', () => holds(each, 'web', '10.0.0.1'));
    await waitFor('nothing to wait', () => canaries()?.waiting === 0);
    expect([first.wasSent('bad-name'), other.wasSent('bad-name')]).toEqual([true, false]);
  });

  it('a share is of those who are there, one at least', async () => {
    fleet = await SafeFleet.start({ canary: { share: 0.4 } }, way);
    for (const id of ['a', 'b', 'c', 'd', 'e']) await fleet.connectInSync(id);
    expect(canaries()?.nodes.map(({ id }) => id)).toEqual(['a', 'd']);
  });

  it('the last canary leaves: what waits for it goes on with the next', async () => {
    fleet = await SafeFleet.start({ canary: { nodes: 1 } }, way);
    fleet.commit(service('web'));
    const first = await fleet.connectInSync('a');
    const other = await fleet.connectInSync('b');
    first.silent = true;
    fleet.commit(service('web', ['10.0.0.2:80']));
    await waitFor('the first to be sent it', () => first.wasSent('10.0.0.2'));
    first.close();
    await waitFor('the other to be told to come back', () => other.ended !== undefined);
    const back = await fleet.connectInSync('b');
    await waitFor('it to be there', () => holds(back, 'web', '10.0.0.2') && canaries()?.waiting === 0);
  });
});

describe('the limit on publications', () => {
  it('has what comes too soon go out together, and says that it waits', async () => {
    const fleet = await SafeFleet.start({ pushLimit: 2 });
    try {
      fleet.commit(service('web'));
      const client = await fleet.connectInSync('a');
      const before = client.seen.length;
      let revision = 0;
      for (let i = 1; i <= 40; i++) {
        revision = fleet.commit(service('web', [`10.0.1.${i}:80`]));
        await fleet.rollout.progress(revision);
      }
      const { waiting } = fleet.rollout.census().get('default') ?? {};
      expect(waiting).toBe(1);
      expect(await fleet.rollout.progress(revision)).toMatchObject({ state: 'pending' });
      expect(await fleet.rollout.progress(revision, { timeout: 30_000 })).toMatchObject({ state: 'live' });
      expect(holds(client, 'web', '10.0.1.40')).toBe(true);
      // Of each publication the endpoints alone.
      expect(client.seen.length - before).toBe(3);
      expect(fleet.rollout.meters.group('default').pushWait.count).toBe(3);
    } finally {
      await fleet.close();
    }
  });
});
