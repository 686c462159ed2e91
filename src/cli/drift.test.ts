import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dump } from '../api/types.ts';
import { driftOf } from './drift.ts';
import { EXIT } from './exit-codes.ts';
import { FakeApi, run } from './harness.fixture.ts';

const api = new FakeApi();
const admin = new FakeApi();
beforeAll(async () => {
  await api.start();
  await admin.start();
});
afterAll(async () => {
  await api.close();
  await admin.close();
});
beforeEach(() => {
  api.reset();
  admin.reset();
});
afterEach(() => expect(api.offences).toEqual([]));

const TYPE = {
  cds: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  eds: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  lds: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  rds: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  sds: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  rtds: 'type.googleapis.com/envoy.service.runtime.v3.Runtime',
};

type Said = Readonly<Record<string, unknown>>;

function dumpOf(...resources: [keyof typeof TYPE, string, Said][]): Dump {
  return {
    group: 'edge',
    node: 'edge-1',
    connected: true,
    revision: 41,
    resources: resources.map(([type, name, said]) => ({ name, type: TYPE[type], version: 'v', resource: { name, ...said } })),
  };
}

const active = (name: string, said: Said = {}, more: Said = {}) => ({ cluster: { '@type': TYPE.cds, name, ...said }, ...more });
const listener = (name: string, said: Said = {}) => ({ name, active_state: { listener: { '@type': TYPE.lds, name, ...said } } });
const clusters = (...all: Said[]) => ({ dynamic_active_clusters: all });
const deviations = (dump: Dump, ...configs: Said[]) => driftOf(dump, { configs }).deviations;

describe('what an Envoy holds', () => {
  it('may be spelled otherwise and is the same', () => {
    const ours = { connectTimeout: '0.25s', healthyPanic: 12.300000190734863, edsClusterConfig: { serviceName: 'web' } };
    const theirs = { connect_timeout: '0.250s', healthy_panic: 12.3, eds_cluster_config: { service_name: 'web' } };
    expect(deviations(dumpOf(['cds', 'web', ours]), clusters(active('web', theirs)))).toEqual([]);
  });

  it('is missing, should not be there, or differs, with the places', () => {
    const dump = dumpOf(['cds', 'a', {}], ['cds', 'b', { type: 'EDS', filters: [{ name: 'x/y' }, { name: 'z' }], connectTimeout: '1s' }]);
    const theirs = active('b', { type: 'STATIC', filters: [{ name: 'x/y' }, { name: 'q' }] });
    expect(deviations(dump, clusters(theirs, active('c')))).toEqual([
      { type: 'cds', name: 'a', what: 'missing' },
      { type: 'cds', name: 'b', what: 'differs', fields: ['/connectTimeout', '/filters/1/name', '/type'] },
      { type: 'cds', name: 'c', what: 'extra' },
    ]);
  });

  it('is nothing of its bootstrap', () => {
    expect(deviations(dumpOf(), { static_clusters: [active('xds_cluster')], static_listeners: [{ listener: { name: 'admin' } }] })).toEqual([]);
  });

  it('is what it works with, and why not the newer one is said', () => {
    const dump = dumpOf(['cds', 'warm', { type: 'EDS' }], ['cds', 'bad', { type: 'EDS' }], ['lds', 'http', { statPrefix: 'b' }], ['lds', 'new', {}]);
    const found = deviations(dump, clusters(active('warm', { type: 'STATIC' }), active('bad', {}, { error_state: { details: 'no, thank you' } })), {
      dynamic_warming_clusters: [active('warm', { type: 'EDS' })],
      dynamic_listeners: [listener('http', { stat_prefix: 'b' }), { name: 'new', warming_state: {} }],
    });
    expect(found).toEqual([
      { type: 'cds', name: 'warm', what: 'differs', fields: ['/type'], note: 'a newer version is not warm yet' },
      { type: 'cds', name: 'bad', what: 'differs', fields: ['/type'], note: 'it refused a newer version: no, thank you' },
      { type: 'lds', name: 'new', what: 'missing', note: 'a newer version is not warm yet' },
    ]);
  });

  it('needs no table, no endpoints and no secret that nothing refers to', () => {
    const idle = dumpOf(['rds', 'http', {}], ['sds', 'web', {}], ['eds', 'web', {}]);
    expect(deviations(idle)).toEqual([]);
    const eds = { edsClusterConfig: { serviceName: 'web' } };
    const filters = [{ typedConfig: { rds: { routeConfigName: 'http' } } }, { typedConfig: { secrets: [{ name: 'web', sdsConfig: {} }] } }];
    const asked = { ...idle, resources: [...dumpOf(['lds', 'http', { filters }], ['cds', 'c', eds]).resources, ...idle.resources] };
    const held = { ...clusters(active('c', eds)), dynamic_listeners: [listener('http', { filters })], dynamic_warming_secrets: [{ name: 'web', secret: {} }] };
    expect(deviations(asked, held).map(({ type, name, what }) => [type, name, what])).toEqual([
      ['rds', 'http', 'missing'],
      ['sds', 'web', 'missing'],
      ['eds', 'web', 'missing'],
    ]);
  });

  it('are the same endpoints, however well they are', () => {
    const at = (port: number, more: Said = {}): Said => ({ endpoint: { address: { socketAddress: { address: '10.0.0.1', portValue: port } } }, ...more });
    const ours = dumpOf(['eds', 'web', { clusterName: 'web', endpoints: [{ lbEndpoints: [at(1), at(2, { loadBalancingWeight: 3 })], priority: 1 }] }]);
    const theirs = (...endpoints: Said[]) => ({
      dynamic_endpoint_configs: [{ endpoint_config: { cluster_name: 'web', endpoints: [{ locality: {}, lb_endpoints: endpoints, priority: 1 }], policy: {} } }],
    });
    const well = { health_status: 'HEALTHY', load_balancing_weight: 1 };
    expect(deviations(ours, theirs(at(2, { ...well, load_balancing_weight: 3 }), at(1, well)))).toEqual([]);
    expect(deviations(ours, theirs(at(1, well), at(2, well)))).toMatchObject([{ what: 'differs', fields: ['/10.0.0.1:2/weight'] }]);
    expect(deviations(ours, theirs(at(1, well)))).toMatchObject([{ what: 'differs', fields: ['/10.0.0.1:2'] }]);
  });

  it('does not answer for hosts that come on demand', () => {
    const held = { dynamic_route_configs: [{ route_config: { name: 'http', vhds: {}, virtual_hosts: [{ name: 'web' }] } }] };
    expect(deviations(dumpOf(['rds', 'http', { vhds: {} }]), held)).toEqual([]);
    expect(deviations(dumpOf(['rds', 'http', {}]), held)).toHaveLength(1);
    const unasked: Parameters<typeof dumpOf> = [
      ['cds', 'a', { edsClusterConfig: {} }],
      ['eds', 'a', {}],
    ];
    expect(deviations(dumpOf(['rds', 'http', { vhds: {} }], ...unasked), held)).toEqual([]);
    expect(deviations(dumpOf(...unasked))).toHaveLength(2);
  });
});

function drift(dump: Dump, configs: Said[], args: string[] = [], terminal?: number) {
  api.routes = { 'GET /api/v1/dump': { body: dump } };
  admin.routes = { 'GET /server_info': { body: { node: { id: 'edge-1' } } }, 'GET /config_dump': { body: { configs } } };
  const argv = ['drift', 'edge-1', '--server', api.url, '--admin', admin.url.replace('http://', ''), ...args];
  return run(argv, { env: { NO_COLOR: '1' }, ...(terminal === undefined ? {} : { terminal }) });
}

describe('drift', () => {
  it('says that all is there', async () => {
    const { code, stdout, stderr } = await drift(dumpOf(['cds', 'web', {}]), [clusters(active('web'))]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'edge-1 (group edge) holds what revision 41 says: 1 resource compared\n', stderr: '' });
    expect([api.requests, admin.requests]).toEqual([['GET /api/v1/dump?node=edge-1'], ['GET /server_info', 'GET /config_dump?include_eds']]);
  });

  it('says what is not, in 80 columns, and exits with 1', async () => {
    const long = `${'a-long-name.'.repeat(8)}example.com`;
    const dump = { ...dumpOf(['cds', 'web', { type: 'EDS' }], ['cds', long, {}], ['rtds', 'runtime', {}]), connected: false };
    const { code, stdout } = await drift(dump, [clusters(active('web', {}, { error_state: { details: 'malformed: '.repeat(9) } }))], [], 80);
    expect(code).toBe(EXIT.failed);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatchInlineSnapshot(`
      "edge-1 (group edge) does not hold what revision 41 says: 2 differences
        cds web differs: /type
          it refused a newer version: malformed: malformed: malformed: malformed:
            malformed: malformed: malformed: malformed: malformed:
        cds
          a-long-name.a-long-name.a-long-name.a-long-name.a-long-name.a-long-name.a-lo
          ng-name.a-long-name.example.com is missing
      It is not connected, so nothing reaches it.
      Not compared, since the admin port does not show it: 1 Runtime
      "
    `);
  });

  it('says it in JSON', async () => {
    const { code, stdout } = await drift(dumpOf(['cds', 'web', {}], ['rtds', 'runtime', {}]), [], ['--json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      {
        node: 'edge-1',
        group: 'edge',
        revision: 41,
        connected: true,
        inSync: false,
        deviations: [{ type: 'cds', name: 'web', what: 'missing' }],
        compared: 1,
        skipped: { [TYPE.rtds]: 1 },
      },
    ]);
  });

  it('looks again, since a change may be on its way', async () => {
    const pending = drift(dumpOf(['cds', 'web', {}]), []);
    let looks = 0;
    admin.routes = {
      ...admin.routes,
      'GET /config_dump': () => ({ body: { configs: looks++ === 0 ? [] : [clusters(active('web'))] } }),
    };
    expect(await pending).toMatchObject({ code: 0 });
    expect(looks).toBe(2);
  });

  it('tells another Envoy, and one that is none, from the one that is meant', async () => {
    const ask = (node: string, at: string) => run(['drift', node, '--server', api.url, '--admin', at]);
    admin.routes = { 'GET /server_info': { body: { node: { id: 'edge-2' } } } };
    const where = admin.url.replace('http://', '');
    const other = await ask('edge-1', where);
    expect([other.code, other.stderr]).toEqual([EXIT.conflict, expect.stringContaining(`the Envoy at ${admin.url} is "edge-2", not "edge-1"`)]);
    admin.routes = {};
    expect(await ask('edge-1', where)).toMatchObject({ code: EXIT.unreachable, stderr: expect.stringContaining('/server_info with HTTP 404') });
    admin.routes = { 'GET /server_info': { body: 'hello', type: 'text/plain' } };
    expect(await ask('edge-1', where)).toMatchObject({ code: EXIT.unreachable, stderr: expect.stringContaining('no JSON') });
    expect(await ask('edge-1', '127.0.0.1:1')).toMatchObject({ code: EXIT.unreachable, stderr: expect.stringContaining('--admin HOST:PORT') });
    expect(await ask('edge-1', 'nonsense')).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--admin "nonsense"') });
  });
});
