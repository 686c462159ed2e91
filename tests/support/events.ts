import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { FleetEvent } from '../../src/api/types.ts';
import { waitFor } from './wait.ts';

export type Told = FleetEvent & { readonly id: string };

/** A reader of server-sent events that keeps what it is told. */
export class EventReader {
  readonly told: Told[] = [];
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  ended = false;
  #rest = '';

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    response.once('close', () => {
      this.ended = true;
    });
    response.on('error', () => undefined);
  }

  static async open(port: number, query = '', headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
    const sent = request({ host: '127.0.0.1', port, path: `/api/v1/events${query}`, headers });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return new EventReader(sent, response);
  }

  /** Waits until so many were told. */
  async until(what: string, holds: (told: readonly Told[]) => boolean): Promise<readonly Told[]> {
    await waitFor(what, () => holds(this.told));
    return this.told;
  }

  get names(): string[] {
    return this.told.map((each) => (each.event === 'revision' ? `revision ${each.revision}` : each.event));
  }

  close(): void {
    this.#request.destroy();
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const told = JSON.parse(data) as Told;
      if (/^id: (.*)$/m.exec(block)?.[1] !== told.id || /^event: (.*)$/m.exec(block)?.[1] !== told.event)
        throw new Error(`the parts of a block differ: ${block}`);
      this.told.push(told);
    }
  }
}
