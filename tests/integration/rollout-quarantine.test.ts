import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stored } from '../../src/model/kinds.ts';
import { route, service } from '../../src/rollout/testkit.ts';
import { CLUSTER, ENDPOINTS, ROUTES } from '../../src/xds/types.ts';
import { SafeFleet } from '../support/safe-fleet.ts';
import { waitFor } from '../support/wait.ts';

/** What Envoys refuse is found out, parked, and holds up nothing else. `10.66.` is what these refuse of clusters, `/bad` of routes. */

const refuses = (type: string, text: string): string | undefined => {
  if (type === CLUSTER && text.includes('bad-name')) return 'no such name';
  if (type === ENDPOINTS && text.includes('10.66.')) return 'malformed IP address';
  if (type === ROUTES) return /\/(bad[a-z0-9-]*)/.exec(text)?.[1] === undefined ? undefined : 'regular expression: error';
  return undefined;
};

/** A service whose cluster is refused: its endpoint is a name, so it is in there. */
const badCluster = (id: string): Stored => service(id, ['bad-name:80']);
const path = (name: string, exact: string): Stored => route(name, [`${name}.test`], ['web'], { match: [{ path: { exact } }] });
const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `s${from + i}`);

describe('quarantine', () => {
  let fleet: SafeFleet;
  beforeEach(async () => {
    fleet = await SafeFleet.start();
    fleet.commit(service('web'), service('api'));
  });
  afterEach(async () => {
    await fleet.close();
  });

  it('one cluster among a thousand is parked, refused once, and holds up none of the others', async () => {
    const envoy = await fleet.connectInSync('edge-1', { refuses });
    const revision = fleet.commit(...names(0, 999).map((id) => service(id)), badCluster('odd'));
    const progress = await fleet.rollout.progress(revision, { timeout: 30_000 });
    await waitFor('it to be parked', () => fleet.quarantined.length > 0);
    await waitFor('the rest to be there', () => envoy.held.get(CLUSTER)?.size === 1001);
    expect(progress).toMatchObject({ state: 'rejected', rejected: [{ node: 'edge-1', type: 'cds' }] });
    expect(fleet.quarantined).toEqual(['odd']);
    expect(fleet.rollout.safety().quarantined[0]).toMatchObject({ key: 'odd', group: 'default', node: 'edge-1', type: 'cds', revision, good: null });
    expect(envoy.rejected.get(CLUSTER)).toBe(1);
    // It stays so while others change.
    await fleet.rollout.progress(fleet.commit(service('s1', ['10.0.0.9:80'])), { timeout: 30_000 });
    await waitFor('everything to be taken', () => fleet.rollout.nodes()[0]?.state === 'in-sync');
    expect([envoy.rejected.get(CLUSTER), envoy.text(ENDPOINTS, 's1')]).toEqual([1, expect.stringContaining('10.0.0.9')]);
    expect(await fleet.rollout.progress(revision)).toMatchObject({ state: 'rejected' });
  });

  it('the last good version stays, and ends with a change that is good', async () => {
    const envoy = await fleet.connectInSync('edge-1', { refuses });
    fleet.commit(service('web', ['10.66.0.1:80']));
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    expect(fleet.rollout.safety().quarantined[0]).toMatchObject({ key: 'web', type: 'eds', message: 'malformed IP address', good: 1, revision: 2 });
    await waitFor('nothing to be refused any more', () => fleet.rollout.nodes()[0]?.state === 'in-sync');
    expect(envoy.text(ENDPOINTS, 'web')).toContain('10.0.0.1');
    const mended = fleet.commit(service('web', ['10.0.0.7:80']));
    expect(await fleet.rollout.progress(mended, { timeout: 30_000 })).toMatchObject({ state: 'live' });
    expect([fleet.quarantined, fleet.quarantines.list(), envoy.text(ENDPOINTS, 'web')]).toEqual([[], [], expect.stringContaining('10.0.0.7')]);
  });

  it('three routes at once, which nobody names, are found; the others are served', async () => {
    const envoy = await fleet.connectInSync('edge-1', { refuses });
    const paths = names(0, 60).map((id, i) => path(id, i % 25 === 7 ? `/bad${i}` : `/good${i}`));
    fleet.commit(...paths);
    await waitFor('them to be parked', () => fleet.quarantined.length === 3);
    expect(fleet.quarantined).toEqual(['Route/s32', 'Route/s57', 'Route/s7']);
    await waitFor('the others to be served', () => envoy.text(ROUTES, 'http')?.includes('/good59') === true && fleet.rollout.nodes()[0]?.state === 'in-sync');
    const table = envoy.text(ROUTES, 'http') ?? '';
    for (let i = 0; i < 60; i++) expect(table.includes(`/good${i}"`), `route ${i}`).toBe(i % 25 !== 7);
    const refused = envoy.rejected.get(ROUTES);
    fleet.commit(service('late', ['10.0.0.3:80']));
    await waitFor('what comes later', () => envoy.text(ROUTES, 'http')?.includes('late.example.com') === true);
    expect(envoy.rejected.get(ROUTES)).toBe(refused);
  });

  it('a route is refused once where the words speak of it', async () => {
    const envoy = await fleet.connectInSync('edge-1', {
      refuses: (type, text) => {
        const found = type === ROUTES ? /\/bad[a-z0-9-]*/.exec(text)?.[0] : undefined;
        return found === undefined ? undefined : `missing ): ${found}`;
      },
    });
    fleet.commit(...names(0, 100).map((id, i) => path(id, i === 42 ? '/bad-one' : `/good${i}`)));
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    await waitFor('the others to be served', () => envoy.text(ROUTES, 'http')?.includes('/good99') === true);
    expect([fleet.quarantined, envoy.rejected.get(ROUTES)]).toEqual([['Route/s42'], 1]);
  });

  it('what one of three refuses and the others take is left to that one', async () => {
    const [a, b] = [await fleet.connectInSync('a'), await fleet.connectInSync('b')];
    const c = await fleet.connectInSync('c', { refuses });
    const revision = fleet.commit(badCluster('odd'), service('good'));
    const progress = await fleet.rollout.progress(revision, { timeout: 30_000 });
    expect(progress).toMatchObject({ state: 'rejected', nodes: 3, acked: 2, rejected: [{ node: 'c' }] });
    for (const each of [a, b]) await waitFor('it to be there', () => each.text(CLUSTER, 'odd') !== undefined);
    await waitFor('the other one', () => c.text(CLUSTER, 'good') !== undefined);
    expect([fleet.quarantined, c.text(CLUSTER, 'odd'), c.rejected.get(CLUSTER)]).toEqual([[], undefined, 1]);
    expect(
      fleet.rollout
        .nodes()
        .find(({ id }) => id === 'c')
        ?.types.find(({ type }) => type === 'cds')?.rejection?.objects,
    ).toEqual(['odd']);
  });

  it('what all refuse is refused once by each, and those who come later are not sent it', async () => {
    const [a, b] = [await fleet.connectInSync('a', { refuses }), await fleet.connectInSync('b', { refuses })];
    fleet.commit(badCluster('odd'));
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    const late = await fleet.connectInSync('late', { refuses });
    expect([a, b, late].map(({ rejected }) => rejected.get(CLUSTER))).toEqual([1, 1, undefined]);
    expect(late.wasSent('bad-name')).toBe(false);
  });

  it('outlives the daemon, with what is served instead', async () => {
    await fleet.connectInSync('edge-1', { refuses });
    fleet.commit(service('web', ['10.66.0.1:80']), badCluster('odd'));
    await waitFor('them to be parked', () => fleet.quarantined.length === 2);
    await fleet.restart();
    expect(fleet.quarantined).toEqual(['odd', 'web']);
    const back = await fleet.connectInSync('edge-1', { refuses });
    expect([back.wasSent('bad-name'), back.wasSent('10.66.'), back.rejected.size]).toEqual([false, false, 0]);
    expect(back.text(ENDPOINTS, 'web')).toContain('10.0.0.1');
  });

  it('what a new daemon meets first is found among all, with the version before', async () => {
    fleet.commit(...names(0, 30).map((id) => path(id, `/good-${id}`)));
    fleet.commit(path('s3', '/bad'));
    fleet.commit(service('api', ['10.0.0.8:80']));
    await fleet.restart();
    const envoy = fleet.connect('edge-1', { refuses });
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    expect(fleet.quarantined).toEqual(['Route/s3']);
    await waitFor('the others to be served', () => envoy.text(ROUTES, 'http')?.includes('/good-s29') === true);
    expect(envoy.text(ROUTES, 'http')).toContain('/good-s3"');
  });

  it('is tried again by hand, and parked again where it is refused again', async () => {
    let isBad = true;
    const envoy = await fleet.connectInSync('edge-1', { refuses: (...what) => (isBad ? refuses(...what) : undefined) });
    fleet.commit(badCluster('odd'));
    await waitFor('it to be parked', () => fleet.quarantined.length === 1);
    await waitFor('nothing to stand', () => fleet.rollout.nodes()[0]?.state === 'in-sync');
    expect(fleet.rollout.release('odd')).toBe(true);
    await waitFor('it to be refused again', () => envoy.rejected.get(CLUSTER) === 2);
    await waitFor('it to be parked again', () => fleet.quarantined.length === 1);
    await waitFor('nothing to stand', () => fleet.rollout.nodes()[0]?.state === 'in-sync');
    isBad = false;
    expect(fleet.rollout.release('odd')).toBe(true);
    await waitFor('it to be taken', () => envoy.text(CLUSTER, 'odd') !== undefined);
    expect([fleet.quarantined, fleet.rollout.release('odd')]).toEqual([[], false]);
  });
});

describe('a rollback by itself', () => {
  it('is asked for where more than the share refuse, once for a revision', async () => {
    const fleet = await SafeFleet.start({ rollbackShare: 0.5 });
    try {
      fleet.commit(service('web'));
      for (const id of ['a', 'b', 'c']) await fleet.connectInSync(id, { refuses });
      const revision = fleet.commit(badCluster('odd'), badCluster('other'));
      await waitFor('it to be asked for', () => fleet.unwanted.length > 0);
      await waitFor('both to be parked', () => fleet.quarantined.length === 2);
      expect(fleet.unwanted).toEqual([expect.objectContaining({ revision, group: 'default', nodes: 3 })]);
      expect(fleet.unwanted[0]?.refused).toBeGreaterThanOrEqual(2);
    } finally {
      await fleet.close();
    }
  });
});
