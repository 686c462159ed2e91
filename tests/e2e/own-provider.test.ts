import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { Edge } from '../support/edge.ts';
import { tempDir } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/own-provider');
const [a, b] = startedUpstreams('A', 'B');

it('the example of a provider of one’s own runs inside the binary, and its table leads Envoy', { timeout: 300_000 }, async () => {
  const folder = tempDir();
  const file = join(folder.path, 'services.db');
  const db = new DatabaseSync(file);
  db.exec(readFileSync(join(EXAMPLE, 'services.sql'), 'utf8').replaceAll(':5678', `:${a.port}`).replaceAll(':5679', `:${b.port}`));
  const edge = await Edge.start('1.40.0', { flags: ['--provider-module', join(EXAMPLE, 'sql-provider.mjs')], env: { SERVICES_DB: file }, folder });
  const { daemon, envoy } = edge;
  try {
    const seen = new Set<string>();
    await waitFor('both upstreams of web', async () => seen.add(await edge.answers('web.example.com')).size === 2);
    expect([...seen].toSorted()).toEqual(['A', 'B']);
    expect(await edge.answers('api.example.com')).toBe('B');
    db.exec(`DELETE FROM services WHERE endpoint LIKE '%:${b.port}'`);
    await waitFor('what was deleted to go', async () => (await edge.answers('api.example.com')) === '404');
    for (let i = 0; i < 5; i++) expect(await edge.answers('web.example.com')).toBe('A');
    expect((await daemon.get<NodeList>('/api/v1/nodes')).nodes).toHaveLength(1);

    // What is in force outlives the daemon, and the table.
    await daemon.stop();
    db.close();
    await daemon.start();
    await envoy.inSync(daemon);
    expect(await edge.answers('web.example.com')).toBe('A');
    const web = await daemon.get<Record<string, unknown>>('/api/v1/objects/Service/web');
    expect(web).toMatchObject({ provider: 'sql', origin: `${file}, table services, name web` });
    expect((await daemon.cli('switch', 'web', '127.0.0.1:1')).stderr).toContain('comes from provider "sql"');
  } finally {
    await edge.stop();
  }
});
