import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '../../../src/config/certificate.fixture.ts';
import { type BootstrapOptions, renderBootstrap } from '../../../src/envoy/bootstrap.ts';
import { BOOTSTRAP_VARIANTS } from '../../golden/bootstrap/variants.ts';
import { askedEnvoy } from '../../support/envoy-verdict.ts';
import { ENVOY_VERSIONS } from '../../support/envoys.ts';

const COMPOSE_FOLDER = new URL('../../../envoy/', import.meta.url).pathname;

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const asked = askedEnvoy(version);
  const { validate } = asked;
  beforeAll(async () => {
    await writeFile(join(asked.folder, 'ca.pem'), CERTIFICATE);
    await writeFile(join(asked.folder, 'key.pem'), KEY, { mode: 0o600 });
  });

  /** Envoy reads certificates already when it validates: give it some that are there on every machine. */
  const withCertificates = (options: BootstrapOptions): BootstrapOptions => {
    if (options.xdsTls === undefined) return options;
    const client = options.xdsTls.client === undefined ? {} : { client: { certFile: join(asked.folder, 'ca.pem'), keyFile: join(asked.folder, 'key.pem') } };
    return { ...options, xdsTls: { ...options.xdsTls, caFile: join(asked.folder, 'ca.pem'), ...client } };
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
