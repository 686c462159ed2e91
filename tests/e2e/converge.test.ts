import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, XdsStats } from '../../src/api/types.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy, type TestEnvoyOptions } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';

const [upstream, other] = startedUpstreams('A', 'B');

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let folder: ReturnType<typeof tempDir>;
  let daemon: TestDaemon;
  let edgePort: number;
  let innerPort: number;
  const envoys: TestEnvoy[] = [];

  const envoy = async (nodeId: string, more: Partial<TestEnvoyOptions> = {}): Promise<TestEnvoy> => {
    const made = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId, group: 'edge', xdsPort: daemon.xdsPort, ...more });
    envoys.push(made);
    return made;
  };
  const answers = (port: number, host: string, wanted: number): Promise<true> =>
    waitFor(`${host} on ${port} to answer ${wanted}`, async () => ((await ask(port, host).catch(() => undefined))?.status === wanted ? true : undefined));

  beforeEach(async () => {
    folder = tempDir();
    edgePort = await freePort();
    innerPort = await freePort();
    daemon = await TestDaemon.create({ dataDir: `${folder.path}/data`, listeners: [`edge=127.0.0.1:${edgePort}`, `inner=127.0.0.1:${innerPort}`] });
  });

  afterEach(async () => {
    await Promise.all(envoys.splice(0).map((each) => each.stop()));
    await daemon.stop();
    folder.remove();
  });

  it.each(['delta', 'sotw'] as const)('Envoy first, the daemon later (%s)', async (variant) => {
    const edge = await envoy('edge-1', { variant });
    edge.start();
    await waitFor('Envoy to look for the daemon', () => /upstream|gRPC|connection/i.test(edge.log));
    await daemon.start();
    expect(await daemon.cli('add', HOST, `web-a.localhost:${upstream.port}`)).toMatchObject({ code: 0 });
    await edge.inSync(daemon);
    await answers(edgePort, HOST, 200);
  });

  it('the daemon restarted: Envoy serves on, follows again, and is sent nothing that it has', async () => {
    await daemon.start();
    const edge = await envoy('edge-1');
    edge.start();
    await edge.inSync(daemon);
    await daemon.cli('add', HOST, `web-a.localhost:${upstream.port}`);
    expect(await daemon.stop()).toBe(0);
    expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'A' });
    await daemon.start();
    await edge.inSync(daemon);
    const stats = await daemon.get<XdsStats>('/xds/stats');
    expect(Object.values(stats.types).filter(({ sent }) => sent > 0)).toEqual([]);
    expect(await daemon.cli('switch', HOST, `127.0.0.1:${other.port}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 1 of 1 Envoy') });
    expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'B' });
  });

  it('Envoy restarted: it gets everything again', async () => {
    await daemon.start();
    const edge = await envoy('edge-1');
    edge.start();
    await edge.inSync(daemon);
    await daemon.cli('add', HOST, `127.0.0.1:${upstream.port}`);
    await edge.stop();
    await waitFor('the daemon to see it go', async () => (await daemon.get<NodeList>('/api/v1/nodes')).nodes.every(({ state }) => state === 'gone'));
    await daemon.cli('switch', HOST, `127.0.0.1:${other.port}`);
    edge.start();
    await edge.inSync(daemon);
    await answers(edgePort, HOST, 200);
    expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'B' });
  });

  it('two Envoys of two groups: each gets what is meant for it', async () => {
    await daemon.start();
    const edge = await envoy('edge-1');
    const inner = await envoy('inner-1', { group: 'inner', variant: 'sotw' });
    edge.start();
    inner.start();
    await edge.inSync(daemon);
    await inner.inSync(daemon);
    expect(await daemon.cli('add', HOST, `127.0.0.1:${upstream.port}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 2 of 2 Envoys') });
    expect(await daemon.cli('add', 'admin.example.com', `127.0.0.1:${other.port}`, '--group', 'inner')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('live on 1 of 1 Envoy'),
    });
    expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'A' });
    expect(await ask(innerPort, HOST)).toEqual({ status: 200, body: 'A' });
    expect((await ask(edgePort, 'admin.example.com')).status).toBe(404);
    expect(await ask(innerPort, 'admin.example.com')).toEqual({ status: 200, body: 'B' });
  });

  it('a bootstrap with lds_config and cds_config of their own works as well', async () => {
    await daemon.start();
    const bootstrap = separateBootstrap();
    const edge = await envoy('edge-1', { bootstrap });
    edge.start();
    await edge.inSync(daemon);
    expect(await daemon.cli('add', HOST, `web-a.localhost:${upstream.port}`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('live on 1 of 1 Envoy'),
    });
    await answers(edgePort, HOST, 200);
    expect(await daemon.cli('switch', HOST, `127.0.0.1:${other.port}`)).toMatchObject({ code: 0 });
    await waitFor('the switch', async () => (await ask(edgePort, HOST)).body === 'B');
    expect(await daemon.cli('remove', HOST)).toMatchObject({ code: 0 });
    await answers(edgePort, HOST, 404);
  });
});

/** The example in `envoy/`, with this test's ports and names. */
function separateBootstrap(): string {
  const text = readFileSync(resolve(import.meta.dirname, '../../envoy/bootstrap-separate.yaml'), 'utf8');
  return text
    .replace(/^( *id:).*$/m, '$1 edge-1')
    .replace(/^( *cluster:).*$/m, '$1 edge')
    .replace(/address: envoyage\b/g, 'address: 127.0.0.1')
    .replace(/port_value: 9090\b/g, 'port_value: {XDS}')
    .replace(/port_value: 9901\b/g, 'port_value: {ADMIN}');
}
