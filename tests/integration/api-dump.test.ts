import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dump } from '../../src/api/types.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from '../../src/xds/types.ts';
import { TestApi } from '../support/api.ts';
import { connectInSync, type DiscoveryClient } from '../support/discovery-client.ts';

let api: TestApi;
let clients: DiscoveryClient[];

beforeEach(async () => {
  clients = [];
  api = await TestApi.start();
  for (const body of [
    { host: 'web.example.com', endpoints: ['10.0.0.1:80'] },
    { host: 'lab.example.com', endpoints: ['10.0.0.2:80'], groups: ['lab'] },
  ])
    expect((await api.call('POST', '/api/v1/services', { body })).status).toBe(201);
});

afterEach(() => api.end(clients));

const dump = async (query = ''): Promise<Dump> => (await api.call('GET', `/api/v1/dump${query}`)).json<Dump>();
const names = ({ resources }: Dump): string[] => resources.map(({ type, name }) => `${type.slice(type.lastIndexOf('.') + 1)} ${name}`);

describe('a dump', () => {
  it('is what an Envoy of the group would be given where none is connected, in the order in which it is sent', async () => {
    const all = await dump();
    expect(all).toMatchObject({ group: 'default', connected: false, revision: 2 });
    expect(names(all)).toEqual(['Cluster web.example.com', 'ClusterLoadAssignment web.example.com', 'Listener http', 'RouteConfiguration http']);
    expect(all.resources.map(({ type }) => type)).toEqual([CLUSTER, ENDPOINTS, LISTENER, ROUTES]);
    expect(all.resources[0]?.resource).toMatchObject({ name: 'web.example.com', type: 'EDS' });
    expect(names(await dump('?group=lab&type=cds'))).toEqual(['Cluster lab.example.com', 'Cluster web.example.com']);
  });

  it('is the same, of one that is connected, and of a node', async () => {
    const { connected: _, ...before } = await dump('?group=lab');
    clients.push(await connectInSync(api, 'lab-1', { group: 'lab' }));
    expect(await dump('?group=lab')).toEqual({ ...before, connected: true });
    expect(await dump('?node=lab-1')).toEqual({ ...before, node: 'lab-1', connected: true });
  });

  it('follows what is changed', async () => {
    clients.push(await connectInSync(api, 'lab-1', { group: 'lab' }));
    await api.call('DELETE', '/api/v1/services/web.example.com?wait=acked');
    expect(names(await dump('?node=lab-1&type=type.googleapis.com/envoy.config.cluster.v3.Cluster'))).toEqual(['Cluster lab.example.com']);
    expect(names(await dump('?type=envoy.config.cluster.v3.Cluster'))).toEqual([]);
  });

  it.each([
    ['?node=nobody', 404, 'node-not-found', 'no Envoy called "nobody"'],
    ['?group=a&node=b', 400, 'invalid-request', 'group and node were both given'],
    ['?type=cdss', 400, 'invalid-request', 'there is no type "cdss" (did you mean "cds"?)'],
    ['?type=__proto__', 400, 'invalid-request', 'there is no type "__proto__"'],
    ['?group=a%20b', 400, 'invalid-request', 'a group must be'],
    ['?nodes=b', 400, 'invalid-request', 'unknown query parameter "nodes" (did you mean "node"?)'],
  ])('%s is refused', async (query, status, code, words) => {
    const answer = await api.call('GET', `/api/v1/dump${query}`);
    expect([answer.status, answer.problem().code]).toEqual([status, code]);
    expect(answer.problem().detail).toContain(words);
  });
});
