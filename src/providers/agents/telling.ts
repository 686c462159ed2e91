import type { Container } from '../docker/container.ts';
import type { EngineListener } from '../docker/engines.ts';
import { type Agent, containersOf, healthOf } from './agent.ts';
import type { Times } from './ended.ts';

/** What was told of an agent last, the state as text. */
interface Told {
  readonly containers: readonly Container[];
  readonly address: string;
  readonly state: string;
  readonly health: string;
}

/** Tells a listener of agents, and of nothing twice. */
export class Telling {
  readonly #times: Times;
  readonly #told = new Map<string, Told>();
  /** Nobody is told while there is none. */
  listener: EngineListener | undefined;

  constructor(times: Times) {
    this.#times = times;
  }

  /** @param again whether it differs from what was told last or not */
  tell(agent: Agent, now: number, again = false): void {
    if (this.listener === undefined) return;
    const { name, peer, address = peer } = agent;
    const before = this.#told.get(name);
    const containers = containersOf(agent, now, this.#times);
    // A renewal, by far the most of what is said, leaves them as they are.
    const isSame = before !== undefined && before.containers === containers && before.address === address;
    const state = isSame ? before.state : JSON.stringify([address, containers]);
    const health = healthOf(agent);
    const told = { containers, address, state, health: JSON.stringify(health) };
    this.#told.set(name, told);
    if (again || state !== before?.state) this.listener.state({ host: name, address, containers });
    if (again || told.health !== before?.health) this.listener.report(name, health);
  }

  gone(name: string): void {
    this.#told.delete(name);
    this.listener?.gone(name);
  }
}
