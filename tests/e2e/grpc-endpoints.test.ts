import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcBackend, startGrpcBackend } from '../support/grpc-backend.ts';
import { GRPC_CLIENTS, GrpcClient, type GrpcPrograms, grpcPrograms } from '../support/grpc-client.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';

let folder: string;
let programs: GrpcPrograms;
let backends: readonly [GrpcBackend, GrpcBackend, GrpcBackend, GrpcBackend];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-e2e-'));
  programs = await grpcPrograms(folder);
  backends = [await startGrpcBackend('A'), await startGrpcBackend('B'), await startGrpcBackend('C'), await startGrpcBackend('D')];
});

afterAll(async () => {
  for (const backend of backends) await backend.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(GRPC_CLIENTS)('%s', (library) => {
  it('shares calls by weight, leaves alone what drains or is disabled, and keeps to the first priority', { timeout: 300_000 }, async () => {
    const daemon = await TestDaemon.create({ dataDir: join(folder, library), listeners: [`127.0.0.1:${await freePort()}`] });
    await daemon.start();
    let client: GrpcClient | undefined;
    const [a, b, c, d] = backends.map(({ port }) => `127.0.0.1:${port}`);
    const put = async (endpoints: readonly unknown[]) => {
      const { status } = await daemon.send('PUT', `/api/v1/services/${HOST}?wait=acked`, { host: HOST, endpoints });
      expect([200, 201]).toContain(status);
    };
    try {
      await put([{ address: a, weight: 3, zone: 'east' }, b, { address: c, state: 'draining' }, { address: d, priority: 5 }]);
      client = await GrpcClient.start({ program: programs[library], daemon, folder, nodeId: library, target: `xds:///${HOST}` });
      await client.answeredBy('A', 'B');
      // A client goes to whom it reaches first until it has reached the others.
      const from = client.lines.length;
      const { lines } = client;
      await waitFor('400 calls', () => lines.length - from >= 400);
      const counts = Object.groupBy(lines.slice(from, from + 400), (line) => line);
      expect(Object.keys(counts).toSorted()).toEqual(['A', 'B']);
      // Five standard deviations around 300.
      expect(counts['A']?.length).toBeGreaterThan(256);
      expect(counts['A']?.length).toBeLessThan(344);
      await put([
        { address: a, state: 'disabled' },
        { address: b, state: 'draining' },
        { address: c, state: 'draining' },
        { address: d, priority: 5 },
      ]);
      await client.answeredBy('D');
      // Where nothing else is left, they are used.
      await put([{ address: c, state: 'draining' }]);
      await client.answeredBy('C');
    } finally {
      await client?.stop();
      await daemon.stop();
    }
  });
});
