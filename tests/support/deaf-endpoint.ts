import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

export interface DeafEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** As many as fill the queue of the one who does not accept, and more. */
const CALLERS = 8;

/** An address on which nothing is refused and nothing is answered, as where a firewall drops what comes: Linux drops a SYN where the queue is full. */
export async function startDeafEndpoint(): Promise<DeafEndpoint> {
  const child = spawn(process.execPath, [new URL('deaf.child.ts', import.meta.url).pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  const callers = Array.from({ length: CALLERS }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.any(callers.map((caller) => once(caller, 'connect')));
  return {
    port,
    async close() {
      for (const caller of callers) caller.destroy();
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
