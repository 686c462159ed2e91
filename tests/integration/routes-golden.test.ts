import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import { parseLogLine } from '../../src/envoy/log-line.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { resourcesOf } from '../support/resources.ts';
import { routeCases, routeObjects, routeTables } from '../support/route-cases.ts';
import { staticBootstrap } from '../support/static-bootstrap.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-routes-'));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  it.each(routeCases(false))('accepts the routes of "%s"', async (name) => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(staticBootstrap({ ...resourcesOf(routeObjects(name)), routes: routeTables(name) })));
    const { code, output } = await runCommand([envoy, '--mode', 'validate', '-c', file]);
    expect({ code, warnings: output.split('\n').filter((line) => !['info', undefined].includes(parseLogLine(line)?.level)) }).toEqual({
      code: 0,
      warnings: [],
    });
  });
});
