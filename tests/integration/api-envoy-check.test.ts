import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppliedObjects, Dump } from '../../src/api/types.ts';
import { CLUSTER, ROUTES, SECRET } from '../../src/xds/types.ts';
import { type Answer, TestApi } from '../support/api.ts';
import { Authority } from '../support/certificates.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';

let api: TestApi;

// The daemon finds it where that put it, and installs none by itself.
beforeAll(() => testEnvoy('1.40.0'), ENVOY_INSTALL_TIMEOUT_MS);
beforeEach(async () => {
  api = await TestApi.start();
});
afterEach(() => api.end());

const raw = (name: string, type: string, resource: object, more: object = {}): object => ({ kind: 'Raw', name, type, resource, ...more });
const routes = (name: string, regex: string, more: object = {}): object =>
  raw(name, ROUTES, { virtualHosts: [{ name: 'a', domains: ['*'], routes: [{ match: { safeRegex: { regex } }, directResponse: { status: 200 } }] }] }, more);
const apply = (query: string, ...objects: object[]): Promise<Answer> =>
  api.call('POST', `/api/v1/apply${query}`, { body: { objects: objects.map((object) => ({ object })) } });

describe('asking a real Envoy before a change', () => {
  it('says what it makes of each group that it concerns', async () => {
    const accepted = (await apply('?envoy=true', routes('good', '/a.*', { groups: ['edge', 'lab'] }))).json<AppliedObjects>();
    expect(accepted).toMatchObject({ changed: true, revision: 1 });
    expect(accepted.envoy).toEqual(['edge', 'lab'].map((group) => ({ group, outcome: 'accepted', envoy: '1.40.0' })));
    expect((await apply('?envoy=true', routes('good', '/a.*', { groups: ['edge', 'lab'] }))).json<AppliedObjects>().envoy).toEqual([]);
  });

  it('changes nothing where it refuses, tried or meant', async () => {
    for (const query of ['?envoy=true', '?envoy=true&dryRun=true']) {
      const answer = await apply(query, routes('good', '/a.*'), routes('bad', '('));
      expect([answer.status, answer.problem().code]).toEqual([422, 'envoy-rejected']);
      expect(answer.problem().detail).toBe('Envoy 1.40.0 refuses what group "default" would be sent: missing ): (');
    }
    expect((await api.call('GET', '/api/v1/objects')).json()).toMatchObject({ objects: [], revision: 0 });
    expect((await apply('', routes('bad', '('))).status).toBe(200);
  });

  it('names what Envoy counts', async () => {
    // Two constraints that no rule of Envoy's API has, but its code.
    const answer = await apply('?envoy=true', raw('a', CLUSTER, {}), raw('bad', CLUSTER, { type: 'EDS' }));
    expect(answer.problem().detail).toContain('cannot create an EDS cluster without an EDS config');
  });

  it('does not hold a change up for what was refused before', async () => {
    await apply('', routes('bad', '('));
    const later = (await apply('?envoy=true', raw('other', CLUSTER, {}))).json<AppliedObjects>();
    expect(later.changed).toBe(true);
    expect(later.envoy).toEqual([{ group: 'default', outcome: 'unknown', reason: 'what the group has is refused already: missing ): (' }]);
  });

  it('does not have it run anything', async () => {
    const lua = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', defaultSourceCode: { inlineString: 'os.exit(1)' } };
    const perRoute = { typedPerFilterConfig: { lua }, match: { prefix: '/' }, directResponse: { status: 200 } };
    const table = raw('lua', ROUTES, { virtualHosts: [{ name: 'a', domains: ['*'], routes: [perRoute] }] });
    expect((await apply('?envoy=true', table)).json<AppliedObjects>().envoy).toMatchObject([{ outcome: 'unknown', reason: expect.stringContaining('Lua') }]);
  });
});

describe('raw resources in a dump', () => {
  it('are there as they are, without keys', async () => {
    const { cert, key } = new Authority('dump').issue({ dns: ['web.test'] });
    const pair = { certificateChain: { inlineString: cert }, privateKey: { inlineString: key } };
    const answer = await apply('', raw('mine', CLUSTER, { name: 'Mine/1', connectTimeout: '1s' }), raw('pair', SECRET, { tlsCertificate: pair }));
    expect(answer.status, answer.text).toBe(200);
    const { text } = await api.call('GET', '/api/v1/dump');
    expect(text).not.toContain('PRIVATE KEY');
    const { resources } = JSON.parse(text) as Dump;
    const of = (type: string) => resources.filter((each) => each.type === type).map(({ resource }) => resource);
    expect(of(CLUSTER)).toEqual([{ name: 'Mine/1', connectTimeout: '1s' }]);
    expect(of(SECRET)).toEqual([{ name: 'pair', tlsCertificate: { certificateChain: { inlineString: cert }, privateKey: { inlineString: '[redacted]' } } }]);
  });
});
