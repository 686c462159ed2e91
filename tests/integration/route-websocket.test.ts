import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppliedObjects } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { rawRequest } from '../support/raw-http.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'chat.example.com';
const CHANGES = 100;

describe.each(ENVOY_VERSIONS)('a WebSocket through Envoy %s', (version) => {
  let api: TestApi;
  let envoy: TestEnvoy;
  let port: number;
  let upstream: Server;
  let endpoint: string;

  beforeAll(async () => {
    // Switches protocols, and says back what it hears. Framing is none of Envoy's business once it has.
    upstream = createServer((_, response) => response.end('plain')).on('upgrade', (_, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    endpoint = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const bin = await testEnvoy(version);
    port = await freePort();
    api = await TestApi.start({ listener: [`127.0.0.1:${port}`] });
    envoy = await TestEnvoy.create({ bin, folder: api.folder, nodeId: 'ws', xdsPort: api.daemon.xdsAddress.port });
    envoy.start();
    const objects = [
      { kind: 'Service', name: 'chat', host: 'other.example.com', endpoints: [endpoint] },
      { kind: 'Route', name: 'chat', hosts: [HOST], match: [{ path: '/room' }], service: 'chat', timeout: '300ms', rewrite: { prefix: '/' } },
    ];
    await apply(objects);
    await waitFor('Envoy', async () => (await rawRequest(port, 'GET', '/room', [['Host', HOST]]).catch(() => undefined))?.status === 200);
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await envoy.stop();
    upstream.closeAllConnections();
    upstream.close();
    await api.close();
  });

  async function apply(objects: readonly object[]): Promise<void> {
    const answer = await api.raw('POST', '/api/v1/apply?wait=acked&timeout=60', { body: { objects: objects.map((object) => ({ object })) } });
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    expect(answer.json<AppliedObjects>().rollout?.rejected ?? []).toEqual([]);
  }

  it(`outlives ${CHANGES} changes of others, on the same host too`, async () => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    let ended = false;
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    socket.on('close', () => {
      ended = true;
    });
    socket.write(`GET /room/7 HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await waitFor('the switch of protocols', () => heard.startsWith('HTTP/1.1 101') && heard.includes('\r\n\r\n'));
    for (let i = 0; i < CHANGES; i++) {
      await apply([
        { kind: 'Service', name: `s${i % 10}`, host: `s${i % 10}.example.com`, endpoints: [`10.0.0.${i + 1}:80`] },
        { kind: 'Route', name: `r${i % 5}`, hosts: [HOST, `r${i}.example.com`], match: [{ path: `/r${i}` }], respond: { status: 200, body: `${i}` } },
      ]);
      socket.write(`after ${i};`);
    }
    await waitFor('the echo', () => heard.includes(`after ${CHANGES - 1};`) || ended);
    expect([ended, heard.match(/after \d+;/g)?.length]).toEqual([false, CHANGES]);
    // The routes did change meanwhile.
    expect(await rawRequest(port, 'GET', `/r${CHANGES - 1}`, [['Host', HOST]])).toMatchObject({ status: 200, body: `${CHANGES - 1}` });
    socket.destroy();
  });
});
