import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the server writes on a connection of its own after `bytes`, until it closes or `enough` says so. */
export async function speak(port: number, bytes: string | Buffer, enough: (text: string) => boolean = () => false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (enough(text)) resolve();
  });
  socket.on('error', () => resolve());
  socket.on('close', () => resolve());
  await once(socket, 'connect');
  socket.write(bytes);
  await promise;
  socket.destroy();
  return text;
}

/** A connection that is open and says nothing. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

/** Status and body of each of the answers in what came over a connection; chunked ones are not understood. */
export function answersIn(text: string): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = [];
  for (let rest = text; rest.startsWith('HTTP/1.1 '); ) {
    const end = rest.indexOf('\r\n\r\n') + 4;
    const length = Number(/^content-length: *(\d+)/im.exec(rest.slice(0, end))?.[1] ?? 0);
    answers.push({ status: Number(rest.slice(9, 12)), body: rest.slice(end, end + length) });
    rest = rest.slice(end + length);
  }
  return answers;
}
