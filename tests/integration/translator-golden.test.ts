import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import { parseLogLine } from '../../src/envoy/log-line.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { staticBootstrap } from '../support/static-bootstrap.ts';
import { FLAVOURS, goldenCases, goldenOutput } from '../support/translation.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-translator-'));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  async function validate(bootstrap: JsonObject) {
    const file = join(folder, 'bootstrap.json');
    await writeFile(file, JSON.stringify(bootstrap));
    const { code, output } = await runCommand([envoy, '--mode', 'validate', '-c', file]);
    return { code, warnings: output.split('\n').filter((line) => !['info', undefined].includes(parseLogLine(line)?.level)) };
  }

  it.each(goldenCases().flatMap((name) => FLAVOURS.map((flavour) => [name, flavour] as const)))('accepts the resources of "%s" (%s)', async (name, flavour) => {
    expect(await validate(staticBootstrap(goldenOutput(name)[flavour]))).toEqual({ code: 0, warnings: [] });
  });

  it('would refuse what is wrong', async () => {
    const { listeners, routes, endpoints } = goldenOutput('name').ads;
    const dangling = await validate(staticBootstrap({ listeners, routes, endpoints, clusters: [] }));
    expect(dangling).toMatchObject({ code: 1, warnings: [expect.stringContaining("unknown cluster 'web.example.com'")] });
  });
});
