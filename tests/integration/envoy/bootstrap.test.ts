import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../../../src/config/certificate.fixture.ts';
import { type BootstrapOptions, renderBootstrap } from '../../../src/envoy/bootstrap.ts';
import { runCommand } from '../../../src/envoy/command.ts';
import { parseLogLine } from '../../../src/envoy/log-line.ts';
import { BOOTSTRAP_VARIANTS } from '../../golden/bootstrap/variants.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../../support/envoys.ts';

const COMPOSE_FOLDER = new URL('../../../envoy/', import.meta.url).pathname;

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-bootstrap-'));
    await writeFile(join(folder, 'ca.pem'), CERTIFICATE);
    await writeFile(join(folder, 'key.pem'), KEY, { mode: 0o600 });
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  async function validate(text: string) {
    const file = join(folder, 'bootstrap.yaml');
    await writeFile(file, text);
    const { code, output } = await runCommand([envoy, '--mode', 'validate', '-c', file]);
    const warnings = output.split('\n').filter((line) => !['info', undefined].includes(parseLogLine(line)?.level));
    return { code, warnings };
  }

  /** Envoy reads certificates already when it validates: give it some that are there on every machine. */
  const withCertificates = (options: BootstrapOptions): BootstrapOptions => {
    if (options.xdsTls === undefined) return options;
    const client = options.xdsTls.client === undefined ? {} : { client: { certFile: join(folder, 'ca.pem'), keyFile: join(folder, 'key.pem') } };
    return { ...options, xdsTls: { ...options.xdsTls, caFile: join(folder, 'ca.pem'), ...client } };
  };

  it.each(Object.entries(BOOTSTRAP_VARIANTS))('accepts the bootstrap "%s" without a warning', async (_, options) => {
    expect(await validate(renderBootstrap(withCertificates(options)))).toEqual({ code: 0, warnings: [] });
  });

  it('takes names that look like something else', async () => {
    for (const name of ['yes', 'null', '0123', '1e3']) {
      expect(await validate(renderBootstrap({ nodeId: name, group: name, xds: { host: '127.0.0.1', port: 9090 } }))).toMatchObject({ code: 0 });
    }
  });

  it('accepts each bootstrap of the container stack without a warning', async () => {
    const files = (await readdir(COMPOSE_FOLDER)).filter((name) => name.endsWith('.yaml'));
    expect(files).toContain('bootstrap.yaml');
    expect(files).toContain('bootstrap-separate.yaml');
    for (const file of files) expect(await validate(await readFile(join(COMPOSE_FOLDER, file), 'utf8')), file).toEqual({ code: 0, warnings: [] });
  });
});
