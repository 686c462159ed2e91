import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import { parseLogLine } from '../../src/envoy/log-line.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { certificateCases, certificateOutput } from '../support/certificate-cases.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { flavoursOf, listenerCases, listenerInput, listenerOutput, staticListener, translatedListener } from '../support/listeners.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-listeners-'));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  async function validate(bootstrap: JsonObject) {
    const file = join(folder, 'bootstrap.json');
    await writeFile(file, JSON.stringify(bootstrap));
    const { code, output } = await runCommand([envoy, '--mode', 'validate', '-c', file]);
    return { code, warnings: output.split('\n').filter((line) => !['info', undefined].includes(parseLogLine(line)?.level)) };
  }

  it.each(listenerCases('good').flatMap((name) => flavoursOf(listenerInput(name)).map((flavour) => [name, flavour] as const)))(
    'accepts the listener of "%s" (%s)',
    async (name, flavour) => {
      expect(await validate(staticListener(listenerOutput(name)[flavour], listenerInput(name).certificates ?? []))).toEqual({ code: 0, warnings: [] });
    },
  );

  it.each(certificateCases('good'))('accepts the secret of "%s"', async (name) => {
    const { secret, names } = certificateOutput(name);
    const listener = translatedListener(
      { listener: { kind: 'Listener', name: 'web', address: '127.0.0.1:1', certificates: ['web'] }, certificates: [names] },
      'ads',
    );
    expect(await validate(staticListener(listener, [], [secret]))).toEqual({ code: 0, warnings: [] });
  });

  it('would refuse a certificate that is not there', async () => {
    const refused = await validate(staticListener(listenerOutput('https').ads, []));
    expect(refused).toMatchObject({ code: 1, warnings: [expect.stringContaining('web')] });
  });
});
