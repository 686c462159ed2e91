import { container as running } from '../docker/container.fixture.ts';
import type { Container, EngineState } from '../docker/container.ts';
import type { Health } from '../provider.ts';
import { type AgentNews, Agents } from './agents.ts';
import type { Renewal, Report } from './message.ts';

export const START = Date.parse('2026-01-02T03:04:05.000Z');

export function container(name: string, more: Partial<Container> = {}): Container {
  return running(name, {
    id: Buffer.from(name.padEnd(32, '0')).toString('hex'),
    createdAt: '2026-01-02T03:00:00.000Z',
    networks: [{ name: 'bridge', ip: '172.17.0.2' }],
    ...more,
  });
}

export function renewal(more: Partial<Renewal> = {}): Renewal {
  return { instance: 'machine-a', run: 1, sequence: 1, lease: 30, engine: { state: 'ok' }, ...more };
}

export function report(containers: readonly Container[], more: Partial<Report> = {}): Report {
  return { ...renewal(), version: '1.0.0', containers, ...more };
}

/** Agents with a clock that stands still until it is put forward, and with what they told. */
export class AgentsLab {
  now = START;
  readonly disk = new Map<string, string>();
  readonly states: EngineState[] = [];
  readonly gone: string[] = [];
  readonly health = new Map<string, Health>();
  readonly news: string[] = [];
  writes = 0;
  agents: Agents;

  constructor() {
    this.agents = this.#create();
  }

  /** As a daemon that is started anew would have it. */
  restart(): void {
    void this.agents.stop();
    this.states.length = 0;
    this.agents = this.#create();
  }

  /** Second by second, as its own timer would have it. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      this.agents.tick();
    }
  }

  /** The containers of a host as they were told last: `web`, `web stopping`, `web exited`. */
  told(host: string): string[] | undefined {
    const state = this.states.findLast((each) => each.host === host);
    return state?.containers.map(({ name, stoppingSince, exitedAt }) => `${name}${exitedAt ? ' exited' : stoppingSince ? ' stopping' : ''}`);
  }

  #create(): Agents {
    const agents = new Agents({
      store: {
        load: () => [...this.disk].map(([name, body]) => ({ name, body })),
        save: (name, body) => {
          this.writes++;
          this.disk.set(name, body);
        },
        drop: (name) => this.disk.delete(name),
      },
      times: { drain: () => 10_000, linger: () => 5000 },
      now: () => this.now,
      onNews: ({ name }, what: AgentNews) => this.news.push(`${name} ${what}`),
    });
    agents.open();
    agents.start({
      state: (state) => this.states.push(state),
      gone: (host) => this.gone.push(host),
      report: (host, health) => this.health.set(host, health),
    });
    return agents;
  }
}
