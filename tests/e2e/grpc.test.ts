import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeList, XdsStats } from '../../src/api/types.ts';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { GO_BUILD_TIMEOUT_MS } from '../support/go.ts';
import { type GrpcBackend, startGrpcBackend } from '../support/grpc-backend.ts';
import { GRPC_CLIENTS, GrpcClient, type GrpcLibrary, type GrpcPrograms, grpcPrograms } from '../support/grpc-client.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';

const built = tempDir();
let programs: GrpcPrograms;
let a: GrpcBackend;
let b: GrpcBackend;
let folder: ReturnType<typeof tempDir>;
let daemon: TestDaemon;
let edgePort: number;
const clients: GrpcClient[] = [];

beforeAll(async () => {
  a = await startGrpcBackend('A');
  b = await startGrpcBackend('B');
  programs = await grpcPrograms(built.path);
}, GO_BUILD_TIMEOUT_MS);

afterAll(async () => {
  await a.close();
  await b.close();
  built.remove();
});

beforeEach(async () => {
  folder = tempDir();
  edgePort = await freePort();
  daemon = await TestDaemon.create({ dataDir: `${folder.path}/data`, listeners: [`127.0.0.1:${edgePort}`] });
  await daemon.start();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.stop()));
  await daemon.stop();
  folder.remove();
});

async function start(library: GrpcLibrary, target = `xds:///${HOST}`, more: { nodeId?: string; flags?: readonly string[] } = {}): Promise<GrpcClient> {
  const client = await GrpcClient.start({ program: programs[library], daemon, folder: folder.path, nodeId: `${library}-1`, target, ...more });
  clients.push(client);
  return client;
}

/** A command that every client has acknowledged. */
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.cli(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** How many answers of each type have been sent. */
async function sent(): Promise<Record<string, number>> {
  const { types } = await daemon.get<XdsStats>('/xds/stats');
  expect(Object.values(types).map(({ rejected }) => rejected)).toEqual(Object.values(types).map(() => 0));
  return Object.fromEntries(Object.entries(types).map(([type, counts]) => [type, counts.sent]));
}

function inSync(...ids: string[]): Promise<unknown> {
  return waitFor(`${ids.join(' and ')} to be in sync`, async () => {
    const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
    return ids.every((wanted) => nodes.some(({ id, state }) => id === wanted && state === 'in-sync'));
  });
}

describe.each(GRPC_CLIENTS)('%s', (library, agent) => {
  const failed = /^unavailable: /i;

  it('finds a service, follows it, loses it and finds it again', async () => {
    await done('add', HOST, `127.0.0.1:${a.port}`);
    const client = await start(library);
    await client.answeredBy('A');
    await inSync(`${library}-1`);
    expect(await done('status')).toMatch(new RegExp(`${library}-1 +default +${agent} +in sync`));

    const before = await sent();
    expect(await done('switch', HOST, `127.0.0.1:${b.port}`)).toContain('live on 1 of 1 ');
    const meanwhile = await client.answeredBy('B');
    expect(meanwhile.filter((line) => line !== 'A' && line !== 'B')).toEqual([]);
    expect(await sent()).toEqual({ ...before, eds: (before['eds'] ?? 0) + 1 });

    expect(await done('remove', HOST)).toContain('gone from 1 of 1 ');
    await client.failsWith(failed);
    expect(await done('add', HOST, `127.0.0.1:${a.port}`)).toContain('live on 1 of 1 ');
    await client.answeredBy('A');
    await done('remove', HOST);
    await client.failsWith(failed);
    await done('add', HOST, `127.0.0.1:${b.port}`);
    await client.answeredBy('B');
    await sent();
  });

  it('goes on while the daemon is away, and follows it when it is back', async () => {
    await done('add', HOST, `127.0.0.1:${a.port}`);
    const client = await start(library);
    await client.answeredBy('A');
    await inSync(`${library}-1`);
    await daemon.stop('SIGKILL');
    await client.answeredBy('A');
    await daemon.start();
    await inSync(`${library}-1`);
    await client.answeredBy('A');
    expect(new Set(client.lines)).toEqual(new Set(['A']));
    await done('switch', HOST, `127.0.0.1:${b.port}`);
    const meanwhile = await client.answeredBy('B');
    expect(meanwhile.filter((line) => line !== 'A' && line !== 'B')).toEqual([]);

    await done('remove', HOST);
    await client.failsWith(failed);
    await daemon.stop();
    await daemon.start();
    await inSync(`${library}-1`);
    await done('add', HOST, `127.0.0.1:${a.port}`);
    await client.answeredBy('A');
    await sent();
  });

  it('may come before the service, and name a port; a wildcard leads it, and the host itself before that', async () => {
    const client = await start(library, `xds:///${HOST}:8443`);
    await waitFor('the client to ask', async () => (await daemon.get<NodeList>('/api/v1/nodes')).nodes.length === 1);
    await done('add', '*.example.com', `127.0.0.1:${a.port}`);
    await client.answeredBy('A');
    await done('add', HOST, `127.0.0.1:${b.port}`);
    await client.answeredBy('B');
    await done('remove', HOST);
    await client.answeredBy('A');
    await sent();
  });

  it('takes every kind of endpoint, and goes from each to each without losing a call', async () => {
    await done('add', HOST, `127.0.0.1:${a.port}`);
    const client = await start(library);
    await client.answeredBy('A');
    const unused = await freePort();
    const kinds: [string[], string[]][] = [
      [
        [`127.0.0.1:${a.port}`, `127.0.0.1:${b.port}`],
        ['A', 'B'],
      ],
      [[`localhost:${b.port}`], ['B']],
      [[`localhost:${a.port}`, `localhost:${b.port}`], ['A']],
      [[`localhost:${b.port}`, `localhost:${a.port}`], ['B']],
      [[`localhost:${b.port}`, `127.0.0.1:${a.port}`], ['A']],
      [[`localhost:${unused}`, `localhost:${b.port}`], ['B']],
      [[`127.0.0.1:${a.port}`], ['A']],
    ];
    for (const [endpoints, names] of kinds) {
      await done('switch', HOST, ...endpoints);
      const meanwhile = await client.answeredBy(...names);
      expect([endpoints, meanwhile.filter((line) => line !== 'A' && line !== 'B')]).toEqual([endpoints, []]);
    }
    await sent();
  });

  it('is given what is meant for its group', async () => {
    await done('add', HOST, `127.0.0.1:${a.port}`, '--group', 'inner');
    const [inner, outer] = [
      await start(library, undefined, { nodeId: 'inner-1', flags: ['--group', 'inner'] }),
      await start(library, undefined, { nodeId: 'outer-1' }),
    ];
    await inner.answeredBy('A');
    await outer.failsWith(/^(unavailable|deadline_?exceeded): /i);
  });
});

describe('xDS over TLS', () => {
  it('is spoken by grpc-go, with the authority that its bootstrap names', async () => {
    await daemon.stop();
    const [cert, key] = [join(folder.path, 'xds.crt'), join(folder.path, 'xds.key')];
    writeFileSync(cert, CERTIFICATE);
    writeFileSync(key, KEY, { mode: 0o600 });
    daemon = await TestDaemon.create({ dataDir: `${folder.path}/tls`, listeners: [], flags: ['--xds-tls-cert', cert, '--xds-tls-key', key] });
    await daemon.start();
    await done('add', HOST, `127.0.0.1:${a.port}`);
    const client = await start('grpc-go', undefined, { flags: ['--xds-ca', cert] });
    await client.answeredBy('A');
    await done('switch', HOST, `127.0.0.1:${b.port}`);
    await client.answeredBy('B');
  });
});

describe.each(ENVOY_VERSIONS)('beside Envoy %s in one group', (version) => {
  it('gRPC clients follow the same switch, and the Envoy is sent nothing that is for them', async () => {
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort });
    envoy.start();
    try {
      await envoy.inSync(daemon);
      const listeners = await envoy.stat('listener_manager.listener_create_success');
      await done('add', HOST, `127.0.0.1:${a.port}`);
      const started = await Promise.all(GRPC_CLIENTS.map(([library]) => start(library)));
      for (const client of started) await client.answeredBy('A');
      await inSync('grpc-go-1', 'grpc-js-1', 'edge-1');
      expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'A' });
      expect(await done('switch', HOST, `127.0.0.1:${b.port}`)).toContain('live on 3 of 3 ');
      expect(await ask(edgePort, HOST)).toEqual({ status: 200, body: 'B' });
      for (const client of started) await client.answeredBy('B');
      expect(await done('status')).toMatch(/^1 Envoy and 2 gRPC clients: 3 in sync$/m);
      expect(await done('remove', HOST)).toContain('gone from 3 of 3 ');
      expect((await ask(edgePort, HOST)).status).toBe(404);
      for (const client of started) await client.failsWith(/^unavailable: /i);
      for (const stat of ['listener_manager.lds', 'cluster_manager.cds']) expect(await envoy.stat(`${stat}.update_rejected`)).toBe(0);
      expect(await envoy.stat('listener_manager.listener_create_success')).toBe(listeners);
      await sent();
    } finally {
      await envoy.stop();
    }
  });
});
