import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Authority } from '../support/certificates.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { type SlowLink, startSlowLink } from '../support/slow-link.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';

/** What a real Envoy's admin port says it holds, against what it should. */

beforeAll(async () => {
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const VARIANTS = ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => [version, variant] as const));

describe.each(VARIANTS)('Envoy %s, %s', (version, variant) => {
  const folder = tempDir();
  let daemon: TestDaemon;
  let envoy: TestEnvoy;
  let link: SlowLink;

  beforeAll(async () => {
    daemon = await TestDaemon.create({ dataDir: `${folder.path}/data`, listeners: [`127.0.0.1:${await freePort()}`] });
    await daemon.start();
    link = await startSlowLink(daemon.xdsPort, Number.POSITIVE_INFINITY);
    // A cluster of the Envoy's own.
    const args = ['bootstrap', '--node-id', 'edge-1', '--admin-address', '127.0.0.1:12345', '--xds-address', `127.0.0.1:${link.port}`];
    const { code, stdout, stderr } = await daemon.cli(...args, ...(variant === 'sotw' ? ['--sotw'] : []));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bootstrap = parse(stdout) as { static_resources: { clusters: unknown[] } };
    bootstrap.static_resources.clusters.push({ name: 'own', type: 'STATIC', load_assignment: { cluster_name: 'own' } });
    const text = stringify(bootstrap).replace('12345', '{ADMIN}');
    envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', xdsPort: link.port, bootstrap: text });
    envoy.start();
    await envoy.inSync(daemon);
  });

  afterAll(async () => {
    await envoy?.stop();
    await link?.close();
    await daemon?.stop();
    folder.remove();
  });

  const apply = async (query: string, ...objects: object[]): Promise<void> => {
    const answer = await daemon.send('POST', `/api/v1/apply${query}`, { objects: objects.map((object) => ({ object })) });
    expect(answer.status, await answer.clone().text()).toBe(200);
  };
  const drift = (...args: string[]) => daemon.cli('drift', 'edge-1', '--admin', `127.0.0.1:${envoy.adminPort}`, ...args);
  const pair = new Authority('Test CA').issue({ dns: ['web.example.com'] });
  const web = { kind: 'Service', id: 'web', host: 'web.example.com', protocol: 'h2c', health: { path: '/healthz' }, timeouts: { connect: '250ms' } };
  const dns = { kind: 'Service', id: 'dns', host: 'dns.example.com', endpoints: ['localhost:8080'], protocol: 'https', tls: { sni: 'dns.internal' } };
  const raw = {
    kind: 'Raw',
    name: 'raw',
    type: CLUSTER,
    resource: {
      type: 'STATIC',
      connectTimeout: '0.125s',
      commonLbConfig: { healthyPanicThreshold: { value: 12.3 } },
      metadata: { filterMetadata: { 'a.b': { some_key: 'x' } } },
      transportSocket: {
        name: 'tls',
        typedConfig: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
          commonTlsContext: { tlsCertificates: [{ certificateChain: { inlineString: pair.cert }, privateKey: { inlineString: pair.key } }] },
        },
      },
    },
  };

  it('is in sync, whatever it is given, and its own clusters are its own', async () => {
    await apply(
      '?wait=acked&timeout=60',
      { kind: 'Certificate', name: 'web', ...pair },
      { kind: 'Listener', name: 'tls', address: `127.0.0.1:${await freePort()}`, protocol: 'https', certificates: ['web'] },
      {
        ...web,
        endpoints: ['127.0.0.1:8080', { address: '127.0.0.1:8081', weight: 3, zone: 'a' }, { address: '127.0.0.1:8082', state: 'draining', priority: 1 }],
      },
      dns,
      raw,
      { kind: 'Route', name: 'api', hosts: ['*.example.org'], match: [{ path: { regex: '/a+' } }], to: [{ service: 'web' }], timeout: '1500ms' },
    );
    expect(await drift()).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^edge-1 \(group default\) holds what revision 1 says: 9 resources compared\n$/),
      stderr: '',
    });
  });

  it('is told of by what differs, where its stream is cut, and is in sync once it is back', async () => {
    link.speed(1);
    await apply(
      '',
      { ...web, endpoints: ['127.0.0.1:8080', '127.0.0.1:8089'], timeouts: { connect: '2s' } },
      { ...raw, name: 'newer' },
      { kind: 'Service', id: 'late', host: 'late.example.com', endpoints: ['127.0.0.1:8080'] },
    );
    expect((await daemon.send('DELETE', '/api/v1/objects/Raw/raw')).status).toBe(200);
    const { code, stdout } = await drift('--json');
    expect(code).toBe(1);
    const { deviations } = JSON.parse(stdout) as { deviations: { type: string; name: string; what: string; fields?: string[] }[] };
    expect(deviations.map(({ type, name, what, fields }) => [type, name, what, ...(type === 'rds' ? [] : (fields ?? []))])).toEqual([
      ['cds', 'late', 'missing'],
      ['cds', 'newer', 'missing'],
      ['cds', 'web', 'differs', '/connectTimeout'],
      ['eds', 'late', 'missing'],
      ['eds', 'web', 'differs', '/127.0.0.1:8081', '/127.0.0.1:8082', '/127.0.0.1:8089'],
      ['rds', 'http', 'differs'],
      ['rds', 'tls', 'differs'],
      ['cds', 'raw', 'extra'],
    ]);
    link.speed(Number.POSITIVE_INFINITY);
    await waitFor('it to be in sync', async () => (await drift()).code === 0);
  });
});
