import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Quarantine } from '../../src/api/types.ts';
import { toYaml } from '../../src/cli/yaml-text.ts';
import { badObjects } from '../support/bad-objects.ts';
import { Edge } from '../support/edge.ts';
import { freePort } from '../support/ports.ts';
import { tempDir } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const [a, b] = startedUpstreams('A', 'B');

it('what a provider declares is parked where Envoy refuses it, and no rollback touches it', { timeout: 300_000 }, async () => {
  const folder = tempDir();
  const files = join(folder.path, 'services');
  mkdirSync(files);
  const write = (name: string, object: object): void => writeFileSync(join(files, name), toYaml(object));
  const web = (port: number): void => write('web.yaml', { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: [`127.0.0.1:${port}`] });
  web(a.port);
  const edge = await Edge.start('1.40.0', { flags: ['--file', files, '--rollback-share', '0.5'], folder });
  const { daemon } = edge;
  try {
    await waitFor('the service of the file', async () => (await edge.answers('web.example.com')) === 'A');

    // All that a cluster is made of comes with it: nothing else has to be there.
    const bad = badObjects(await freePort(), 0).find(({ stat }) => stat === 'cluster_manager.cds.update_rejected');
    if (bad === undefined) throw new Error('there is nothing bad');
    write('bad.yaml', bad.object);
    const parked = await waitFor('it to be parked', async () => {
      const { quarantined } = await daemon.get<Quarantine>('/api/v1/quarantine');
      return quarantined.length > 0 ? quarantined : undefined;
    });
    expect(parked).toMatchObject([{ key: `${bad.object.kind}/${bad.object.name}`, origin: `${join(files, 'bad.yaml')}:1:1`, node: 'edge-1' }]);
    expect(parked[0]?.message).toMatch(bad.words);
    // All else goes on, and what was refused is not taken back from under its provider.
    web(b.port);
    await waitFor('a change after it', async () => (await edge.answers('web.example.com')) === 'B');
    expect((await daemon.get<Quarantine>('/api/v1/quarantine')).rollbacks).toEqual([]);
    rmSync(join(files, 'bad.yaml'));
    await waitFor('it to be gone', async () => (await daemon.get<Quarantine>('/api/v1/quarantine')).quarantined.length === 0);

    const { revision } = await daemon.get<Quarantine>('/api/v1/quarantine');
    expect((await daemon.cli('add', 'own.example.com', `127.0.0.1:${a.port}`)).code).toBe(0);
    web(a.port);
    await waitFor('a change of the file', async () => (await edge.answers('web.example.com')) === 'A');
    expect((await daemon.cli('rollback', String(revision), '--timeout', '60')).code).toBe(0);
    expect([await edge.answers('own.example.com'), await edge.answers('web.example.com')]).toEqual(['404', 'A']);
  } finally {
    await edge.stop();
  }
});
