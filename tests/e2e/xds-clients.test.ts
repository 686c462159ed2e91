import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** Envoys that prove who they are, by certificate or by token: the right one follows, the wrong one is told of, the revoked one goes. */

const HOST = 'web.example.com';

const [a, b] = startedUpstreams('A', 'B');

/** A daemon and what its Envoys need, all of it in one folder that goes with it. */
class Setup {
  readonly #folder = tempDir();
  readonly #envoys: TestEnvoy[] = [];
  daemon!: TestDaemon;
  port = 0;

  file(name: string, text: string): string {
    const path = join(this.#folder.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** As careful people replace a file: all at once. */
  replace(name: string, text: string): void {
    renameSync(this.file(`${name}.new`, text), join(this.#folder.path, name));
  }

  pair(name: string, { cert, key }: Issued): [cert: string, key: string] {
    return [this.file(`${name}.crt`, cert), this.file(`${name}.key`, key)];
  }

  async start(flags: readonly string[]): Promise<void> {
    this.port = await freePort();
    this.daemon = await TestDaemon.create({ dataDir: join(this.#folder.path, 'data'), listeners: [`edge=127.0.0.1:${this.port}`], flags });
    await this.daemon.start();
  }

  async envoy(version: (typeof ENVOY_VERSIONS)[number], nodeId: string, group: string, flags: readonly string[]): Promise<TestEnvoy> {
    const { code, stdout, stderr } = await this.daemon.cli('bootstrap', '--node-id', nodeId, '--group', group, '--admin-address', '127.0.0.1:12345', ...flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bootstrap = stdout.replace('12345', '{ADMIN}');
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: this.#folder.path, nodeId, xdsPort: this.daemon.xdsPort, bootstrap });
    this.#envoys.push(envoy);
    envoy.start();
    return envoy;
  }

  async follows(): Promise<void> {
    for (const [command, upstream, body] of [
      ['add', a, 'A'],
      ['switch', b, 'B'],
    ] as const) {
      const ran = await this.daemon.cli(command, HOST, `127.0.0.1:${upstream.port}`);
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 1 of 1 Envoy') });
      expect(await ask(this.port, HOST)).toEqual({ status: 200, body });
    }
  }

  async turnedAway(reason: string): Promise<void> {
    await waitFor(`"${reason}"`, async () => (await this.daemon.get<NodeList>('/api/v1/nodes')).refused.some((refused) => refused.reason === reason));
    expect((await this.daemon.cli('status')).stdout).toContain(reason);
    const lines = this.daemon.log.split('\n').filter((line) => line.includes('an Envoy was turned away'));
    expect(lines.map((line) => (JSON.parse(line) as { reason: string }).reason)).toContain(reason);
  }

  async connected(): Promise<string[]> {
    const { nodes } = await this.daemon.get<NodeList>('/api/v1/nodes');
    return nodes.filter(({ connected }) => connected).map(({ id }) => id);
  }

  async stop(): Promise<void> {
    for (const envoy of this.#envoys) await envoy.stop();
    await this.daemon.stop();
    this.#folder.remove();
  }
}

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  it('with a client certificate', async () => {
    const setup = new Setup();
    const root = new Authority('Test root');
    const [cert, key] = setup.pair('xds', root.issue({ dns: ['localhost'] }));
    const ca = setup.file('ca.crt', root.cert);
    const revoked = setup.file('revoked', '# none\n');
    try {
      await setup.start(['--xds-tls-cert', cert, '--xds-tls-key', key, '--xds-client-ca', ca, '--xds-revoked', revoked]);
      const flags = (name: string, issued: Issued): string[] => {
        const [clientCert, clientKey] = setup.pair(name, issued);
        return ['--xds-ca', ca, '--xds-client-cert', clientCert, '--xds-client-key', clientKey];
      };
      const edge = await setup.envoy(version, 'edge-1', 'edge', flags('edge', root.issue({ uris: ['spiffe://example.com/edge'], serial: '0abc' })));
      await setup.envoy(version, 'core-1', 'edge', flags('core', root.issue({ uris: ['spiffe://example.com/core'] })));
      await setup.envoy(version, 'foreign-1', 'edge', flags('foreign', new Authority('Other root').issue({ uris: ['spiffe://example.com/edge'] })));
      await setup.envoy(version, 'bare-1', 'edge', ['--xds-ca', ca]);
      await edge.inSync(setup.daemon);
      await setup.follows();
      await setup.turnedAway('the certificate "spiffe://example.com/core" is for group "core", and not for group "edge"');
      await setup.turnedAway('it showed no certificate, and --xds-client-ca asks for one');
      await setup.turnedAway('its certificate is not valid here: UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      expect(await setup.connected()).toEqual(['edge-1']);

      setup.replace('revoked', 'serial=0ABC\n');
      await setup.turnedAway('the certificate "spiffe://example.com/edge" was revoked');
      await waitFor('edge-1 to go', async () => (await setup.connected()).length === 0);
      expect(await ask(setup.port, HOST)).toEqual({ status: 200, body: 'B' });
      setup.replace('revoked', '');
      await edge.inSync(setup.daemon);
    } finally {
      await setup.stop();
    }
  });

  it('with a bearer token', async () => {
    const setup = new Setup();
    const root = new Authority('Test root');
    const [cert, key] = setup.pair('xds', root.issue({ dns: ['localhost'] }));
    const ca = setup.file('ca.crt', root.cert);
    const tokens = setup.file('tokens', '# name token groups\nedge s3cret edge\nspare n0thing edge\n');
    try {
      await setup.start(['--xds-tls-cert', cert, '--xds-tls-key', key, '--xds-token-file', tokens]);
      const flags = (name: string, token: string): string[] => ['--xds-ca', ca, '--xds-token-file', setup.file(name, `${token}\n`)];
      const edge = await setup.envoy(version, 'edge-1', 'edge', flags('edge.token', 's3cret'));
      await setup.envoy(version, 'wrong-1', 'edge', flags('wrong.token', 'wr0ng'));
      await edge.inSync(setup.daemon);
      await setup.follows();
      await setup.turnedAway('the token that it sent is not one of --xds-token-file');
      expect(await setup.connected()).toEqual(['edge-1']);

      setup.replace('tokens', 'broken\n');
      await waitFor('the fault to be logged', () => setup.daemon.log.includes('has only one word on line 1'));
      expect(await setup.connected()).toEqual(['edge-1']);
      setup.replace('tokens', 'spare n0thing edge\n');
      await setup.turnedAway('the token "edge" was revoked');
      await waitFor('edge-1 to go', async () => (await setup.connected()).length === 0);
      expect(setup.daemon.log).not.toMatch(/s3cret|wr0ng|n0thing/);
      expect(await (await fetch(`${setup.daemon.url}/metrics`)).text()).toMatch(/^envoyage_xds_refused_total [1-9]/m);
    } finally {
      await setup.stop();
    }
  });
});
