import { afterEach, describe, expect, it } from 'vitest';
import type { AppliedObjects, NodeList } from '../../src/api/types.ts';
import { describeEvent } from '../../src/cli/event-text.ts';
import { CLUSTER, ENDPOINTS } from '../../src/xds/types.ts';
import { TestApi } from '../support/api.ts';
import { EventReader, type Told } from '../support/events.ts';
import { PickyClient } from '../support/picky-client.ts';
import { waitFor } from '../support/wait.ts';

/** What is parked, waits for canaries or is taken back is told on /api/v1/events, and in words by `envoyage events`. */

const WORDS = 'Error adding/updating cluster(s) web: no such name';
const refuses = (type: string, text: string): string | undefined => (type === CLUSTER && text.includes('bad-name') ? 'no such name' : undefined);

describe('events of what holds a change up', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  const start = async (flags: Parameters<typeof TestApi.start>[0]): Promise<{ api: TestApi; reader: EventReader }> => {
    const api = await TestApi.start(flags);
    open.push(api);
    const reader = await EventReader.open(api.port, '?only=quarantined,released,canary,rolled-back');
    open.push(reader);
    return { api, reader };
  };
  const connect = async (api: TestApi, id: string): Promise<PickyClient> => {
    const client = new PickyClient(api.daemon.xdsAddress.port, id, { group: 'edge', refuses });
    open.push(client);
    const isThere = async (): Promise<boolean> =>
      (await api.call('GET', '/api/v1/nodes')).json<NodeList>().nodes.some((node) => node.id === id && node.state === 'in-sync');
    await waitFor(`${id} to be in sync`, isThere);
    return client;
  };
  const put = async (api: TestApi, address: string, query = '?wait=acked'): Promise<string | undefined> => {
    const object = { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: [`${address}:80`], groups: ['edge'] };
    const answer = await api.call('POST', `/api/v1/apply${query}`, { body: { objects: [{ object, origin: 'web.yaml:3' }] } });
    expect(answer.status).toBe(200);
    return answer.json<AppliedObjects>().rollout?.state;
  };
  const bare = (told: readonly Told[]): unknown[] => told.map(({ id: _, time: __, revision: ___, ...rest }) => rest);
  const said = (told: readonly Told[]): string[] => told.map((event) => describeEvent(event, (_, text) => text).replace(/^\d\d:\d\d:\d\d {2}/, ''));
  const about = { key: 'web', group: 'edge', origin: 'web.yaml:3' };
  const parked = { event: 'quarantined', ...about, of: 2, good: 1, type: 'cds', node: 'a', message: WORDS };

  it('an object that is parked and released, by hand and by its change', async () => {
    const { api, reader } = await start({});
    await connect(api, 'a');
    await put(api, '10.0.0.1');
    await put(api, 'bad-name');
    await reader.until('it to be parked', (told) => told.length === 1);
    await api.call('DELETE', '/api/v1/quarantine/web');
    await reader.until('it to be parked again', (told) => told.length === 3);
    await put(api, '10.0.0.2');
    await reader.until('it to be good', (told) => told.length === 4);
    expect(bare(reader.told)).toEqual([
      parked,
      { event: 'released', ...about, of: 2, why: 'by-hand' },
      parked,
      { event: 'released', ...about, of: 2, why: 'changed' },
    ]);
    expect(said(reader.told)).toEqual([
      `service "web" (web.yaml:3) of revision 2 is parked in group edge, revision 1 of it is served: a refused it (cds): ${WORDS}`,
      'service "web" (web.yaml:3) of revision 2 is parked in group edge no more: it is tried again',
      `service "web" (web.yaml:3) of revision 2 is parked in group edge, revision 1 of it is served: a refused it (cds): ${WORDS}`,
      'service "web" (web.yaml:3) of revision 2 is parked in group edge no more: it has changed',
    ]);
  });

  const canary = (state: string, of: number) => ({ event: 'canary', group: 'edge', state, of, nodes: ['a'] });

  it('canaries that are waited for, that take a change or refuse it', async () => {
    const { api, reader } = await start({ canary: ['edge=1'], 'canary-timeout': '600' });
    await connect(api, 'a');
    await connect(api, 'b');
    await put(api, '10.0.0.1');
    await reader.until('it to be passed on', (told) => told.length === 2);
    // Nobody waits for the others: there is nothing for them.
    expect(await put(api, 'bad-name')).toBe('rejected');
    await reader.until('it to be refused', (told) => told.length === 5);
    expect(bare(reader.told)).toEqual([canary('waiting', 1), canary('passed', 1), canary('waiting', 2), parked, canary('refused', 2)]);
    expect(said(reader.told).at(-1)).toBe('the others of group edge do not get what a refused of revision 2');
  });

  it('canaries that do not answer in time', async () => {
    const { api, reader } = await start({ canary: ['edge=1'], 'canary-timeout': '1' });
    const first = await connect(api, 'a');
    const other = await connect(api, 'b');
    first.silent = true;
    await put(api, '10.0.0.1', '');
    await waitFor('the limit', () => other.text(ENDPOINTS, 'web')?.includes('10.0.0.1'));
    await reader.until('the end', (told) => told.length === 3);
    expect(bare(reader.told)).toEqual([canary('waiting', 1), canary('stalled', 1), canary('passed', 1)]);
    expect(said(reader.told)).toEqual([
      'the others of group edge wait for a to take revision 1',
      'a (group edge) did not answer revision 1 in time; the others go on',
      'the others of group edge get revision 1, after a',
    ]);
  });

  it('a revision that is taken back', async () => {
    const { api, reader } = await start({ 'rollback-share': '0.9' });
    await connect(api, 'a');
    await put(api, '10.0.0.1');
    await put(api, 'bad-name');
    await reader.until('the rollback', (told) => told.some(({ event }) => event === 'rolled-back'));
    const told = reader.told.filter(({ event }) => event === 'rolled-back');
    expect(bare(told)).toEqual([{ event: 'rolled-back', of: 2, by: 3, group: 'edge', refused: 1, nodes: 1, message: WORDS }]);
    expect(told[0]?.revision).toBe(3);
    expect(said(told)).toEqual([`revision 2 was rolled back by revision 3; 1 of 1 Envoy of group edge refused it: ${WORDS}`]);
  });
});
