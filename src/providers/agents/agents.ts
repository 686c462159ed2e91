import { EnvoyageError } from '../../lib/errors.ts';
import type { AgentAnswer, AgentStatus } from '../../model/agent-status.ts';
import type { EngineListener, EngineSource } from '../docker/engines.ts';
import { type Agent, containersOf, iso, sameState, statusOf } from './agent.ts';
import { claim } from './claim.ts';
import type { Times } from './ended.ts';
import type { Renewal, Report, Speaker } from './message.ts';
import { type AgentStore, read, write } from './store.ts';
import { Telling } from './telling.ts';

/** How often leases are looked at, milliseconds. */
const TICK_MS = 1000;

/** Who looks later than this was held up itself, and has not heard of anybody meanwhile. */
const MOST_LATE_MS = 2000;

/** As long is shown who was lost, milliseconds. */
const LOST_SHOWN_MS = 24 * 3_600_000;

/** Below every sequence. */
const NEVER_SAID = -1;

/** As many hosts may have an agent. */
export const MOST_AGENTS = 1000;

export type AgentNews = 'joined' | 'back' | 'lost' | 'left' | 'forgotten';

export interface AgentsOptions {
  readonly store: AgentStore;
  readonly times: Times;
  readonly now?: () => number;
  onNews?(agent: Agent, news: AgentNews): void;
  /** What could not be written while nobody waited for it. */
  onError?(thrown: unknown): void;
}

/**
 * The hosts whose agents have a lease: what they said last is what they have, until the lease ends. Then their endpoints drain and
 * go. What they said is on disk, so that a daemon that is started anew gives each of them its lease anew.
 */
export class Agents implements EngineSource {
  readonly #options: AgentsOptions;
  readonly #now: () => number;
  readonly #agents = new Map<string, Agent>();
  readonly #telling: Telling;
  readonly counts = { reports: 0, renewals: 0, ended: 0, refused: 0 };
  #timer: NodeJS.Timeout | undefined;
  #ticked = 0;

  constructor(options: AgentsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#telling = new Telling(options.times);
  }

  /** Reads who is remembered. @throws EnvoyageError store-failed */
  open(): void {
    const now = this.#now();
    for (const { name, body } of this.#options.store.load()) {
      const kept = read(body);
      if (kept === undefined) continue;
      const since = kept.ended?.at ?? now;
      const expires = kept.ended?.at ?? now + kept.lease * 1000;
      this.#agents.set(name, { name, ...kept, version: undefined, engine: { state: 'ok' }, since, seen: undefined, expires });
    }
  }

  get hosts(): Iterable<string> {
    return this.#agents.keys();
  }

  start(listener: EngineListener): void {
    this.#telling.listener = listener;
    this.#ticked = this.#now();
    this.resync();
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Agents speak when they have something to say; what they said last is told once more. */
  resync(): void {
    for (const agent of this.#agents.values()) this.#telling.tell(agent, this.#now(), true);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#telling.listener = undefined;
  }

  /** By name. */
  list(): AgentStatus[] {
    return [...this.#agents.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((agent) => statusOf(agent, this.#now(), this.#options.times));
  }

  /**
   * The whole state of a host.
   * @param peer the address that it was sent from
   * @throws EnvoyageError agent-conflict, agent-refused, store-failed
   */
  put(name: string, report: Report, peer: string): AgentAnswer {
    const now = this.#now();
    const known = this.#agents.get(name);
    this.#refusable(() => {
      if (known !== undefined) claim(known, report, now);
      else this.#makeRoom();
    });
    const { instance, run, sequence, lease, version, address, containers, engine } = report;
    const said = { instance, run, sequence, lease, address, peer, containers, ended: undefined };
    // What is on disk is all there but for who says it; that is asked for again where it does not fit.
    const isSame = known !== undefined && known.ended === undefined && sameState(known, said);
    if (!isSame) this.#options.store.save(name, write(said));
    const since = known?.ended === undefined ? (known?.since ?? now) : now;
    const agent: Agent = { name, ...said, version, engine, since, seen: now, expires: now + lease * 1000 };
    this.#agents.set(name, agent);
    this.counts.reports++;
    if (known?.ended !== undefined || known === undefined) this.#options.onNews?.(agent, known === undefined ? 'joined' : 'back');
    this.#telling.tell(agent, now);
    return { state: 'known', leaseEndsAt: iso(agent.expires) };
  }

  /** @throws EnvoyageError agent-conflict */
  renew(name: string, renewal: Renewal, peer: string): AgentAnswer {
    const now = this.#now();
    const ends = now + renewal.lease * 1000;
    const agent = this.#agents.get(name);
    this.counts.renewals++;
    if (agent === undefined) return { state: 'wanted', leaseEndsAt: iso(ends) };
    this.#refusable(() => claim(agent, { ...renewal, sequence: undefined }, now));
    const isKnown = agent.instance === renewal.instance && agent.run === renewal.run && agent.sequence === renewal.sequence && agent.peer === peer;
    // Who is lost comes back by what it says, or by being who it was and having nothing new to say.
    if (agent.ended !== undefined) {
      if (!isKnown) return { state: 'wanted', leaseEndsAt: iso(ends) };
      agent.ended = undefined;
      agent.since = now;
      this.#keep(agent);
      this.#options.onNews?.(agent, 'back');
    }
    agent.lease = renewal.lease;
    agent.expires = ends;
    agent.seen = now;
    agent.engine = renewal.engine;
    this.#telling.tell(agent, now);
    return { state: isKnown ? 'known' : 'wanted', leaseEndsAt: iso(ends) };
  }

  /**
   * Its endpoints drain from now on, and it is forgotten after that.
   * @param speaker who says so, where it is the agent itself
   * @throws EnvoyageError agent-not-found, agent-conflict
   */
  leave(name: string, speaker: Speaker | undefined): void {
    const now = this.#now();
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new EnvoyageError('agent-not-found', `there is no agent "${name}"`, { hint: 'envoyage agents' });
    if (speaker !== undefined) this.#refusable(() => claim(agent, { ...speaker, sequence: undefined }, now));
    this.#end(agent, 'left', now);
  }

  /** Ends leases whose time is over, and forgets what has drained. */
  tick(): void {
    const now = this.#now();
    const late = now - this.#ticked - TICK_MS;
    this.#ticked = now;
    for (const agent of this.#agents.values()) {
      if (agent.ended === undefined) {
        if (late > MOST_LATE_MS) agent.expires += late;
        if (now >= agent.expires) this.#end(agent, 'lost', now);
        continue;
      }
      this.#telling.tell(agent, now);
      this.#forget(agent, now);
    }
  }

  #end(agent: Agent, how: 'lost' | 'left', now: number): void {
    if (agent.ended === undefined) this.counts.ended++;
    agent.ended = { at: agent.ended?.at ?? now, how };
    agent.since = now;
    agent.expires = Math.min(agent.expires, now);
    this.#keep(agent);
    this.#options.onNews?.(agent, how);
    this.#telling.tell(agent, now);
    this.#forget(agent, now);
  }

  #forget(agent: Agent, now: number): void {
    const { ended, name } = agent;
    if (ended === undefined || containersOf(agent, now, this.#options.times).length > 0) return;
    // Nothing of it is to come back with the next start, nor by being named.
    if (agent.containers.length > 0) {
      agent.containers = [];
      agent.sequence = NEVER_SAID;
      this.#attempt(() => this.#options.store.drop(name));
    }
    if (ended.how === 'lost' && now - ended.at < LOST_SHOWN_MS) return;
    this.#remove(agent);
  }

  #remove(agent: Agent): void {
    this.#agents.delete(agent.name);
    this.#attempt(() => this.#options.store.drop(agent.name));
    this.#telling.gone(agent.name);
    this.#options.onNews?.(agent, 'forgotten');
  }

  /** Who was lost makes place for who comes. */
  #makeRoom(): void {
    if (this.#agents.size < MOST_AGENTS) return;
    const lost = [...this.#agents.values()].find((agent) => agent.ended !== undefined && agent.containers.length === 0);
    if (lost === undefined) throw new EnvoyageError('agent-refused', `there are ${MOST_AGENTS} agents already`, { hint: 'envoyage agents' });
    this.#remove(lost);
  }

  #keep(agent: Agent): void {
    this.#attempt(() => this.#options.store.save(agent.name, write(agent)));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#options.onError?.(thrown);
    }
  }

  #refusable(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.counts.refused++;
      throw thrown;
    }
  }
}
