import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Edge } from '../support/edge.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { askHttp2, handshake } from '../support/tls-client.ts';
import { startUpstream } from '../support/upstream.ts';
import { waitFor } from '../support/wait.ts';

/** The way of the guide, with the binary: an authority and a certificate to develop with, a listener, a renewal. */

beforeAll(() => Promise.all(ENVOY_VERSIONS.map(testEnvoy)), ENVOY_INSTALL_TIMEOUT_MS);

describe.each(ENVOY_VERSIONS)('https, Envoy %s', (version) => {
  it('is there with two commands and a listener, and follows a renewal', async () => {
    const upstream = await startUpstream('A');
    const port = await freePort();
    const edge = await Edge.start(version);
    const { daemon, folder } = edge;
    const name = 'web.example.com';
    const file = (suffix: string): string => join(folder, suffix);
    try {
      expect(await daemon.cli('certs', 'ca', '--dir', folder)).toMatchObject({ code: 0 });
      expect(await daemon.cli('certs', 'issue', name, '--dir', folder)).toMatchObject({ code: 0, stderr: '' });
      const objects = [
        { kind: 'Service', name: 'web', host: name, endpoints: [`127.0.0.1:${upstream.port}`] },
        { kind: 'Certificate', name: 'web', certFile: file(`${name}.crt`), keyFile: file(`${name}.key`) },
        { kind: 'Listener', name: 'https', address: `127.0.0.1:${port}`, certificates: ['web'] },
      ];
      const applied = await daemon.send('POST', '/api/v1/apply?wait=acked', { objects: objects.map((object) => ({ object })) });
      expect(await applied.json()).toMatchObject({ changed: true, rollout: { state: 'live', nodes: 1 } });
      const ca = readFileSync(file('ca.crt'), 'utf8');
      const shown = await waitFor('https', () => handshake(port, { ca, name }).catch(() => undefined));
      expect(await askHttp2(port, name, ca)).toMatchObject({ status: 200, body: 'A' });

      expect(await daemon.cli('certs', 'issue', name, '--dir', folder)).toMatchObject({ code: 0, stderr: '' });
      await waitFor('the renewal', async () => (await handshake(port, { ca, name })).serial !== shown.serial);
      expect(await daemon.get('/api/v1/certificates')).toMatchObject({ revision: 1, certificates: [{ name: 'web', hosts: [name], source: 'files' }] });
    } finally {
      await edge.stop();
      await upstream.close();
    }
  });
});
