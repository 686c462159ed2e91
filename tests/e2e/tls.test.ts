import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeList } from '../../src/api/types.ts';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { ask } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { TestDaemon, tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { startedUpstreams } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'web.example.com';

const [upstream] = startedUpstreams('A');

describe.each(ENVOY_VERSIONS)('xDS over TLS, Envoy %s', (version) => {
  it('takes an Envoy whose bootstrap trusts the certificate, and none that speaks plain text', async () => {
    const folder = tempDir();
    const port = await freePort();
    const cert = join(folder.path, 'xds.crt');
    const key = join(folder.path, 'xds.key');
    writeFileSync(cert, CERTIFICATE);
    writeFileSync(key, KEY, { mode: 0o600 });
    const daemon = await TestDaemon.create({
      dataDir: join(folder.path, 'data'),
      listeners: [`127.0.0.1:${port}`],
      flags: ['--xds-tls-cert', cert, '--xds-tls-key', key],
    });
    await daemon.start();
    const bin = await testEnvoy(version);
    const plain = await TestEnvoy.create({ bin, folder: folder.path, nodeId: 'plain-1', xdsPort: daemon.xdsPort });
    let edge: TestEnvoy | undefined;
    try {
      const { code, stdout, stderr } = await daemon.cli('bootstrap', '--node-id', 'edge-1', '--xds-ca', cert, '--admin-address', '127.0.0.1:12345');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      edge = await TestEnvoy.create({ bin, folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort, bootstrap: stdout.replace('12345', '{ADMIN}') });
      plain.start();
      edge.start();
      await edge.inSync(daemon);
      expect(await daemon.cli('add', HOST, `127.0.0.1:${upstream.port}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('live on 1 of 1 Envoy') });
      expect(await ask(port, HOST)).toEqual({ status: 200, body: 'A' });

      await waitFor('the plain one to fail', () => /gRPC config stream.*closed/.test(plain.log));
      const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
      expect(nodes.map(({ id, state }) => ({ id, state }))).toEqual([{ id: 'edge-1', state: 'in-sync' }]);
    } finally {
      await edge?.stop();
      await plain.stop();
      await daemon.stop();
      folder.remove();
    }
  });
});
