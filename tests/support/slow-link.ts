import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A way to a port of this machine on which bytes towards the one who dials come slowly. */
export interface SlowLink {
  readonly port: number;
  /** Bytes a second from now on; Infinity for as fast as it goes. */
  speed(bytesPerSecond: number): void;
  close(): Promise<void>;
}

/** In so many steps a second. */
const STEPS = 20;

export async function startSlowLink(target: number, bytesPerSecond: number): Promise<SlowLink> {
  let speed = bytesPerSecond;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('close', () => far.destroy());
    near.pipe(far);
    void trickle(far, near, () => speed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    speed: (wanted) => {
      speed = wanted;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What is not passed on is not read either, so that the sender feels it. */
async function trickle(from: Socket, to: Socket, speed: () => number): Promise<void> {
  try {
    for await (const chunk of from) {
      for (let rest = chunk as Buffer; rest.length > 0; ) {
        const now = speed();
        const step = Number.isFinite(now) ? Math.max(1, Math.floor(now / STEPS)) : rest.length;
        to.write(rest.subarray(0, step));
        rest = rest.subarray(step);
        if (Number.isFinite(now)) await sleep(1000 / STEPS);
      }
    }
  } catch {
    // Whoever sends has gone.
  } finally {
    to.destroy();
  }
}
