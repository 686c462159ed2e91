import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createTransport } from './transport.ts';

it('says that what answers does not speak TLS, in place of what OpenSSL says', async () => {
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = createTransport({
    server: new URL(`https://127.0.0.1:${port}`),
    name: 'h1',
    token: () => undefined,
    answerMs: 20_000,
  });
  try {
    await expect(transport.leave({ instance: 'i', run: 1 })).rejects.toMatchObject({
      code: 'daemon-unreachable',
      message: `what answers at https://127.0.0.1:${port} does not speak TLS`,
      hint: '--join http://…, or give the daemon a certificate',
    });
  } finally {
    transport.close();
    server.close();
  }
});
