import { describe, expect, it } from 'vitest';
import { Edge } from '../support/edge.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import type { TestDaemon } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';

const HOST = 'web.example.com';
const SWITCHES = 300;

/** Names are resolved by Envoy (STRICT_DNS), addresses come by EDS; a switch between the two changes the kind of cluster. */
const CASES = ENVOY_VERSIONS.flatMap((version) => [
  { version, variant: 'sotw', a: 'web-a.localhost', b: 'web-b.localhost' } as const,
  { version, variant: 'delta', a: 'web-a.localhost', b: '127.0.0.1' } as const,
]);

const [a, b] = startedUpstreams('A', 'B');

async function byCommand(daemon: TestDaemon, endpoint: string): Promise<void> {
  const { code, stderr } = await daemon.cli('switch', HOST, endpoint);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** What the command asks for, without the time its process takes to end, in which a late Envoy would catch up unseen. */
async function byApi(daemon: TestDaemon, endpoint: string): Promise<void> {
  const response = await daemon.send('PATCH', `/api/v1/services/${HOST}?wait=acked`, { endpoints: [endpoint] });
  expect(await response.json()).toMatchObject({ rollout: { state: 'live', nodes: 1, acked: 1 } });
}

describe.each(CASES)('Envoy $version, $variant, between $a and $b', ({ version, variant, a: hostA, b: hostB }) => {
  it(`loses no request in ${SWITCHES} switches, and none is answered by the old upstream once a switch has returned`, { timeout: 600_000 }, async () => {
    const edge = await Edge.start(version, { variant });
    const { daemon, envoy, port } = edge;
    let load: Load | undefined;
    try {
      const endpoints = { A: `${hostA}:${a.port}`, B: `${hostB}:${b.port}` };
      const added = await daemon.cli('add', HOST, endpoints.A);
      expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^web\.example\.com → .*, live on 1 of 1 Envoys? in [\d.]+ ms\n$/) });
      expect(await ask(port, HOST)).toEqual({ status: 200, body: 'A' });

      const listeners = await envoy.stat('listener_manager.listener_create_success');
      load = new Load(port, HOST, 'A', 8);
      for (let i = 1; i <= SWITCHES; i++) {
        const to = i % 2 === 1 ? 'B' : 'A';
        load.switching(to);
        await (i % 3 === 0 ? byCommand(daemon, endpoints[to]) : byApi(daemon, endpoints[to]));
        load.switched();
        expect(await ask(port, HOST)).toEqual({ status: 200, body: to });
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.requests).toBeGreaterThan(SWITCHES);
      expect(envoy.alive).toBe(true);
      expect(await envoy.stat('listener_manager.listener_create_success')).toBe(listeners);

      expect(await daemon.cli('remove', HOST)).toMatchObject({ code: 0 });
      expect((await ask(port, HOST)).status).toBe(404);
    } finally {
      await load?.stop();
      await edge.stop();
    }
  });
});
