import { cpSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, noEngine, startEngine } from '../support/docker.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';
import { BINARY, tempDir } from '../support/program.ts';
import { scriptOf, stepsIn } from '../support/readme.ts';

// On CI there must be an engine: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : noEngine();
if (reason !== undefined) console.warn(`the example of agents is not tested: ${reason}`);

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

describe.skipIf(reason !== undefined)('the example of agents', () => {
  const copy = tempDir();
  let engine: Engine;

  beforeAll(async () => {
    engine = await startEngine();
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await engine?.close();
    copy.remove();
  });

  it('does what its README says', { timeout: 300_000 }, async () => {
    for (const name of ['agents', 'quickstart']) cpSync(join(EXAMPLES, name), join(copy.path, name), { recursive: true });
    const steps = stepsIn(readFileSync(join(EXAMPLES, 'agents/README.md'), 'utf8'));
    expect(steps.length).toBeGreaterThan(6);
    const script = `cd ${join(copy.path, 'agents')}\n${scriptOf(steps)}`;
    const { code, stdout, stderr } = await engine.run('bash', ['-c', script], {
      PATH: `${dirname(BINARY)}:${dirname(process.execPath)}:${process.env.PATH}`,
      ENVOY_BIN: await testEnvoy('1.40.0'),
      ENVOYAGE_DATA_DIR: join(copy.path, 'data'),
    });
    expect(code, stdout + stderr).toBe(0);
  });
});
