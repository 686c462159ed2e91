import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import { CONSTRAINT_CASES, type ConstraintCase } from '../support/constraint-cases.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-constraints-'));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  it.each(CONSTRAINT_CASES)('says the same of $title', async ({ type, resource, message, envoy: words = message }: ConstraintCase) => {
    const file = join(folder, 'bootstrap.json');
    await writeFile(file, JSON.stringify({ staticResources: { [type.endsWith('Cluster') ? 'clusters' : 'listeners']: [resource] } }));
    const { code, output } = await runCommand([envoy, '--mode', 'validate', '-c', file]);
    expect(code, output).toBe(1);
    expect(output).toContain(words);
  });
});
