import type { HostPort } from '../lib/address.ts';
import type { Translator } from '../translator/translator.ts';
import type { Client } from '../xds/server.ts';
import type { Attachment } from '../xds/stream.ts';
import { shortName } from '../xds/types.ts';
import type { Desired } from './desired.ts';
import { Fleet } from './fleet.ts';
import type { NodeRecord } from './node.ts';
import type { TypeCounts } from './observed.ts';
import { newestTarget, type Progress, progress, type Target, targetOf } from './progress.ts';
import { type Commit, Publisher } from './publisher.ts';
import { type NodeReport, reportNode } from './report.ts';
import { Waiters } from './waiters.ts';

export interface RolloutOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  readonly listeners: Readonly<Record<string, HostPort>>;
  /** Groups whose Envoys ask for hosts one by one; `*` for all. */
  readonly onDemand?: readonly string[];
  onNode?(node: NodeRecord, what: 'connected' | 'gone'): void;
  onRejected?(refusal: { node: string; group: string; type: string; version: string; message: string }): void;
}

export interface WaitOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

export interface RolloutStats {
  readonly lastUpdate: Date | undefined;
  readonly updateCount: number;
  readonly nodes: number;
  readonly streams: number;
  readonly types: Readonly<Record<string, Readonly<TypeCounts>>>;
}

/** From accepted to acknowledged: publishes what changed, hands streams their content, and knows how far each revision has come. */
export class Rollout {
  readonly #desired: Desired;
  readonly #fleet: Fleet;
  readonly #publisher: Publisher;
  readonly #waiters = new Waiters();

  constructor({ desired, translator, listeners, onDemand = [], onNode, onRejected }: RolloutOptions) {
    this.#desired = desired;
    this.#fleet = new Fleet({
      desired,
      translator,
      listeners,
      onDemand,
      ...(onNode === undefined ? {} : { onNode }),
      events: {
        settled: (stream) => this.#waiters.look(stream),
        rejected: (stream, { answer, error }) => {
          onRejected?.({ node: stream.node.id, group: stream.node.group, type: shortName(answer.type), version: answer.version, message: error.message });
          this.#waiters.look(stream);
        },
        closed: (stream) => this.#waiters.look(stream, true),
      },
    });
    this.#publisher = new Publisher(desired.revision, (...what) => this.#fleet.publish(...what));
  }

  /** A commit of the registry. */
  notice(commit: Commit): void {
    this.#publisher.notice(commit);
  }

  /** @throws Error to turn the client away */
  attach(client: Client): Attachment {
    return this.#fleet.attach(client);
  }

  /** How far a revision has come; waits until all have answered, where asked to. */
  async progress(revision: number, wait?: WaitOptions): Promise<Progress> {
    await this.#publisher.flushed();
    return this.#progress(revision, targetOf(this.#fleet, revision), wait);
  }

  /** Sends the resources of a service to everyone once more. */
  async resend(id: string, wait?: WaitOptions): Promise<Progress> {
    this.#publisher.resend(id);
    await this.#publisher.flushed();
    return this.#progress(this.#desired.revision, newestTarget(this.#fleet), wait);
  }

  async #progress(revision: number, target: Target, wait: WaitOptions | undefined): Promise<Progress> {
    if (wait !== undefined) await this.#waiters.wait(this.#fleet, target, wait.timeout, wait.signal);
    return progress(this.#fleet, revision, target);
  }

  nodes(): NodeReport[] {
    return [...this.#fleet.nodes.values()].map((node) => reportNode(node, this.#fleet.revision)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  stats(): RolloutStats {
    const { lastUpdate, updateCount, nodes, streamCount, totals } = this.#fleet;
    let connected = 0;
    for (const node of nodes.values()) if (node.connected) connected++;
    const types = Object.fromEntries([...totals].map(([type, counts]) => [shortName(type), { ...counts }]));
    return { lastUpdate, updateCount, nodes: connected, streams: streamCount, types };
  }

  /** Lets go of everyone who waits. */
  close(): void {
    this.#publisher.close();
    this.#waiters.close();
  }
}
