import { Agent, get } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One request through Envoy on a connection of the agent.
 * @param patience how long it may take, milliseconds
 * @param address where Envoy is
 */
export function ask(port: number, host: string, agent?: Agent, patience = 20_000, address = '127.0.0.1'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, port, agent, headers: { host }, timeout: patience }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${patience / 1000} s`)));
    request.on('error', reject);
  });
}

/**
 * Steady requests over kept-alive connections, and what was wrong with their answers. A switch is announced before and
 * after: a request may be answered by the upstream that was current when it began, or by any that a switch begun before
 * its end leads to.
 */
export class Load {
  readonly #port: number;
  readonly #host: string;
  readonly #agent: Agent;
  readonly #workers: Promise<void>[] = [];
  #running = true;
  /** What may answer, as a list that only grows; a request looks at it from where it was when the request began. */
  readonly #targets: string[];
  /** Where in the list a request that begins now has to look. */
  #from = 0;
  requests = 0;
  readonly failures: string[] = [];

  constructor(port: number, host: string, first: string, connections: number) {
    this.#port = port;
    this.#host = host;
    this.#targets = [first];
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    for (let i = 0; i < connections; i++) this.#workers.push(this.#work());
  }

  switching(to: string): void {
    this.#targets.push(to);
  }

  switched(): void {
    this.#from = this.#targets.length - 1;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#workers);
    this.#agent.destroy();
  }

  async #work(): Promise<void> {
    while (this.#running) {
      const from = this.#from;
      this.requests++;
      try {
        const { status, body } = await ask(this.#port, this.#host, this.#agent);
        const allowed = this.#targets.slice(from);
        if (status !== 200) this.failures.push(`status ${status}: ${body}`);
        else if (!allowed.includes(body)) this.failures.push(`answered by ${body}, allowed: ${allowed.join(', ')}`);
      } catch (thrown) {
        this.failures.push(String(thrown));
      }
      // Leaves the other processes of a small machine some air; the load stays steady.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
