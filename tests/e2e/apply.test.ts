import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppliedObjects, FleetEvent } from '../../src/api/types.ts';
import { Edge } from '../support/edge.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { envoyage } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';

const [a, b] = startedUpstreams('A', 'B');

const service = (name: string, port: number, host: string): string =>
  `kind: Service\nname: ${name}\nhost: ${host}\nendpoints: ["127.0.0.1:${port}"]\nlabels: {team: web}\n`;

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  it('serves what was applied, and after a rollback what it did before', { timeout: 300_000 }, async () => {
    const edge = await Edge.start(version);
    const { daemon, envoy, folder } = edge;
    const told: FleetEvent[] = [];
    const socket = new WebSocket(`${daemon.url.replace('http', 'ws')}/api/v1/events?since=0`);
    socket.addEventListener('message', ({ data }) => told.push(JSON.parse(String(data)) as FleetEvent));
    const run = (...args: string[]) => envoyage(args, daemon.env);
    const file = join(folder, 'fleet.yaml');
    try {
      writeFileSync(file, `${service('a', a.port, 'a.example.com')}---\n${service('b', b.port, 'b.example.com')}`);
      const applied = await run('apply', '-f', file, '--timeout', '60');
      expect([applied.code, applied.stderr]).toEqual([0, '']);
      expect(applied.stdout).toMatch(/^created {2}Service a\ncreated {2}Service b\n2 created, live on 1 of 1 Envoys? in /);
      expect([await edge.answers('a.example.com'), await edge.answers('b.example.com')]).toEqual(['A', 'B']);

      // The hosts swap, one object leaves, and a third comes: one apply.
      writeFileSync(file, `${service('a', a.port, 'b.example.com')}---\n${service('c', b.port, 'a.example.com')}`);
      const diff = await run('diff', '-f', file, '--prune', '-l', 'team=web');
      expect([diff.code, diff.stdout.match(/^(---|\+\+\+) .*$/gm)]).toEqual([
        1,
        ['--- Service/a', '+++ Service/a', '--- /dev/null', '+++ Service/c', '--- Service/b', '+++ /dev/null'],
      ]);
      expect((await run('apply', '-f', file, '--prune', '-l', 'team=web', '--timeout', '60')).code).toBe(0);
      expect([await edge.answers('a.example.com'), await edge.answers('b.example.com')]).toEqual(['B', 'A']);

      const backup = join(folder, 'copy.db');
      expect((await run('backup', backup)).code).toBe(0);
      const back = await run('rollback', '1', '--timeout', '60', '--json');
      expect((JSON.parse(back.stdout) as AppliedObjects).rollout).toMatchObject({ state: 'live', acked: 1 });
      expect([await edge.answers('a.example.com'), await edge.answers('b.example.com')]).toEqual(['A', 'B']);
      expect((await run('history')).stdout).toMatch(/^ {2}3 .*live on 1 of 1 Envoys?$/m);

      expect((await run('restore', backup, '--data-dir', join(folder, 'data'))).stderr).toContain('stop the daemon first');
      await daemon.stop();
      expect(told.flatMap((event) => (event.event === 'revision' ? [event.revision] : []))).toEqual([1, 2, 3]);
      expect((await run('restore', backup, '--data-dir', join(folder, 'data'))).stdout).toContain('is at revision 2 with 2 objects');
      await daemon.start();
      await envoy.inSync(daemon);
      expect([await edge.answers('a.example.com'), await edge.answers('b.example.com')]).toEqual(['B', 'A']);
    } finally {
      socket.close();
      await edge.stop();
    }
  });
});

it('the folder of examples is valid', async () => {
  const folder = resolve(import.meta.dirname, '../../examples/objects');
  expect(await envoyage(['validate', '-f', folder])).toEqual({ code: 0, stdout: '4 objects are valid\n', stderr: '' });
});
