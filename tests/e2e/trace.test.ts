import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const HOST = 'web.example.com';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
/** Nanoseconds. Spans begin at a whole one, so the end of a longer span may seem to be that much earlier. */
const MILLISECOND = 1_000_000n;
const CALLER = '00f067aa0ba902b7';

let folder: ReturnType<typeof tempDir>;
let upstreams: Upstream[];
let daemon: TestDaemon | undefined;
let envoys: TestEnvoy[];

beforeEach(async () => {
  folder = tempDir();
  envoys = [];
  upstreams = [await startUpstream('A'), await startUpstream('B')];
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

afterEach(async () => {
  for (const envoy of envoys) await envoy.stop();
  await daemon?.stop();
  for (const upstream of upstreams) await upstream.close();
  folder.remove();
});

/** Each version of Envoy in a group of its own. */
async function start(endpoint: string): Promise<{ daemon: TestDaemon; ports: number[] }> {
  const ports = [await freePort(), await freePort()];
  const listeners = ports.map((port, i) => `g${i}=127.0.0.1:${port}`);
  daemon = await TestDaemon.create({ dataDir: folder.path, listeners, flags: ['--otlp-endpoint', endpoint, '--log-level', 'debug'] });
  await daemon.start();
  for (const [i, version] of ENVOY_VERSIONS.entries()) {
    const variant = i === 0 ? 'sotw' : 'delta';
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy(version),
      folder: folder.path,
      nodeId: `edge-${i}`,
      group: `g${i}`,
      xdsPort: daemon.xdsPort,
      variant,
    });
    envoys.push(envoy);
    envoy.start();
    await envoy.inSync(daemon);
  }
  return { daemon, ports };
}

const switchTo = (to: TestDaemon, endpoint: string): Promise<Response> =>
  fetch(`${to.url}/api/v1/services/${HOST}?wait=acked`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER}-01` },
    body: JSON.stringify({ endpoints: [endpoint] }),
  });

describe('the trace of a switch, made by the binary', () => {
  it('begins with the caller and ends with the acknowledgement of each Envoy, which serves it by then', async () => {
    const receiver = await OtlpReceiver.start();
    try {
      const started = await start(receiver.url);
      const [a, b] = upstreams.map(({ port }) => `127.0.0.1:${port}`);
      expect(await started.daemon.cli('add', HOST, a ?? '')).toMatchObject({ code: 0 });
      const answer = await switchTo(started.daemon, b ?? '');
      expect(await answer.json()).toMatchObject({ rollout: { state: 'live', nodes: 2, acked: 2 } });
      for (const port of started.ports) expect(await ask(port, HOST)).toEqual({ status: 200, body: 'B' });

      const request = await receiver.span('PATCH /api/v1/services/{id}', ({ parent }) => parent === CALLER);
      const commit = await receiver.span('commit', ({ parent }) => parent === request.spanId);
      const publish = await receiver.span('publish', ({ parent }) => parent === commit.spanId);
      for (const [i] of ENVOY_VERSIONS.entries()) {
        const rollout = await receiver.span('rollout', ({ parent, attributes }) => parent === publish.spanId && attributes['envoyage.group'] === `g${i}`);
        expect(rollout).toMatchObject({
          traceId: TRACE,
          fault: undefined,
          attributes: { 'envoyage.streams': 1, 'envoyage.answered': 1, 'envoyage.rejected': 0 },
        });
        const last = rollout.events.at(-1);
        expect(last).toMatchObject({ name: 'answered', attributes: { 'envoyage.node': `edge-${i}` } });
        const order = [request.start, commit.start, publish.start, last?.at ?? 0n, rollout.end, request.end + MILLISECOND];
        expect(order).toEqual(order.toSorted((x, y) => Number(x - y)));
      }
      expect(answer.headers.get('traceresponse')).toBe(`00-${TRACE}-${request.spanId}-01`);
      expect(started.daemon.log).toContain(`"trace":"${TRACE}"`);
    } finally {
      await receiver.close();
    }
  });

  it('holds up nothing where the receiver takes it and says nothing, not even the end of the daemon', async () => {
    const silent: Server = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const started = await start(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
      const [a, b] = upstreams.map(({ port }) => `127.0.0.1:${port}`);
      expect(await started.daemon.cli('add', HOST, a ?? '')).toMatchObject({ code: 0 });
      expect((await switchTo(started.daemon, b ?? '')).status).toBe(200);
      expect(await started.daemon.stop()).toBe(0);
    } finally {
      silent.close();
    }
  });
});
