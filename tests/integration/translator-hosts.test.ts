import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeList, WrittenServices } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';

/** An upstream that answers with its name. */
async function upstream(name: string, address = '127.0.0.1'): Promise<Server> {
  const server = createServer((_, response) => response.end(name)).listen(0, address);
  await once(server, 'listening');
  return server;
}

describe.each(ENVOY_VERSIONS)('which service Envoy %s finds by the Host', (version) => {
  let api: TestApi;
  let envoy: TestEnvoy;
  let port: number;
  const upstreams: Server[] = [];

  beforeAll(async () => {
    const bin = await testEnvoy(version);
    port = await freePort();
    api = await TestApi.start({ listener: [`127.0.0.1:${port}`] });
    envoy = await TestEnvoy.create({ bin, folder: api.folder, nodeId: 'hosts', xdsPort: api.daemon.xdsAddress.port });
    envoy.start();
    await waitFor('Envoy', async () => (await api.call('GET', '/api/v1/nodes')).json<NodeList>().nodes.some(({ state }) => state === 'in-sync'));
    const places = {
      whole: '127.0.0.1',
      wildcard: '127.0.0.1',
      deeper: '127.0.0.1',
      six: '::1',
      four: '127.0.0.1',
      unicode: '127.0.0.1',
      mapped: '127.0.0.1',
    };
    const at: Record<string, number> = {};
    for (const [name, address] of Object.entries(places)) {
      const server = await upstream(name, address);
      upstreams.push(server);
      at[name] = (server.address() as AddressInfo).port;
    }
    const body = [
      { host: 'Web.example.com.', endpoints: [`127.0.0.1:${at['whole']}`] },
      { host: '*.example.com', endpoints: [`localhost:${at['wildcard']}`] },
      { host: '*.deep.example.com', endpoints: [`127.0.0.1:${at['deeper']}`] },
      { host: '0:0::1', endpoints: [`[::1]:${at['six']}`] },
      { host: '127.0.0.1', endpoints: [`127.0.0.1:${at['four']}`] },
      { host: 'Bücher.example', endpoints: [`127.0.0.1:${at['unicode']}`] },
      { host: 'mapped.example', endpoints: [`[::ffff:127.0.0.1]:${at['mapped']}`] },
    ];
    const { rollout } = (await api.call('POST', '/api/v1/services?wait=acked&timeout=60', { body })).json<WrittenServices>();
    expect(rollout).toMatchObject({ state: 'live', acked: 1 });
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await envoy.stop();
    for (const server of upstreams) server.close();
    await api.close();
  });

  function ask(host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, headers: { host }, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? text : String(response.statusCode)));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  it.each([
    ['web.example.com', 'whole'],
    ['WEB.Example.COM', 'whole'],
    ['web.example.com:8080', 'whole'],
    ['web.example.com.', 'whole'],
    ['web.example.com.:8080', 'whole'],
    ['x.example.com', 'wildcard'],
    ['x.y.example.com:8080', 'wildcard'],
    ['deep.example.com', 'wildcard'],
    ['x.deep.example.com', 'deeper'],
    ['[::1]', 'six'],
    ['[::1]:8080', 'six'],
    ['127.0.0.1', 'four'],
    ['127.0.0.1:8080', 'four'],
    ['xn--bcher-kva.example', 'unicode'],
    ['mapped.example', 'mapped'],
    ['example.com', '404'],
    ['.example.com', '404'],
    ['127.0.0.2', '404'],
    ['other.example', '404'],
  ])('%s → %s', async (host, found) => {
    expect(await ask(host)).toBe(found);
  });
});
