import type { HostPort } from '../lib/address.ts';
import { NO_TRACER, type Tracer } from '../lib/tracer.ts';
import type { Placement } from '../model/placement.ts';
import type { Translator } from '../translator/translator.ts';
import type { Attachment } from '../xds/attachment.ts';
import type { Client } from '../xds/server.ts';
import { shortName } from '../xds/types.ts';
import { type Census, census } from './census.ts';
import { type Content, contentOf, type Whose } from './content.ts';
import type { Desired } from './desired.ts';
import { Fleet } from './fleet.ts';
import type { SafetyOptions } from './fleet-options.ts';
import { Grouping, type GroupingOptions } from './grouping.ts';
import type { Materials } from './materials.ts';
import { type Meters, OTHERS } from './meters.ts';
import type { NodeRecord } from './node.ts';
import { entry } from './observed.ts';
import { Preview } from './preview.ts';
import { newestTarget, type Progress, progress, type Target, targetOf } from './progress.ts';
import { type Commit, Publisher } from './publisher.ts';
import { Regroupings } from './regrouping.ts';
import { type NodeReport, reportNode } from './report.ts';
import { type SafetyReport, safetyReport } from './safety-report.ts';
import { Waiters } from './waiters.ts';

export interface RolloutOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  /** Where certificates have what they consist of; unless given, they say it themselves. */
  readonly materials?: Materials | undefined;
  readonly listeners: Readonly<Record<string, HostPort>>;
  /** Groups whose Envoys ask for hosts one by one; `*` for all. */
  readonly onDemand?: readonly string[];
  /** Seconds after which an Envoy without a daemon stops listening; 0 for never. */
  readonly ttl?: number;
  readonly groups?: GroupingOptions;
  readonly safety?: SafetyOptions;
  readonly tracer?: Tracer;
  /** Everything up to the revision was handed to the streams. */
  onPublished?(revision: number): void;
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
  readonly types: Readonly<Record<string, { readonly sent: number; readonly acked: number; readonly rejected: number }>>;
}

/** From accepted to acknowledged: publishes what changed, hands streams their content, and knows how far each revision has come. */
export class Rollout {
  readonly #desired: Desired;
  readonly #fleet: Fleet;
  readonly #publisher: Publisher;
  readonly #waiters = new Waiters();
  readonly #regroupings: Regroupings;
  readonly #tracer: Tracer;
  /** What Envoys would be sent. */
  readonly preview: Preview;

  constructor({
    desired,
    translator,
    materials,
    listeners,
    groups,
    onDemand = [],
    ttl = 0,
    safety = {},
    tracer = NO_TRACER,
    onNode,
    onRejected,
    onPublished,
  }: RolloutOptions) {
    this.#tracer = tracer;
    this.#desired = desired;
    this.preview = new Preview({ desired, translator, listeners, materials });
    this.#fleet = new Fleet({
      desired,
      translator,
      materials,
      listeners,
      grouping: new Grouping(groups),
      tracer,
      onDemand,
      ttl,
      flush: () => this.#publisher.flush(),
      safety,
      ...(onNode === undefined ? {} : { onNode }),
      events: {
        settled: (stream) => {
          this.#waiters.look(stream);
          this.#regroupings.look(stream.node);
        },
        rejected: (stream, { answer, error }) => {
          onRejected?.({ node: stream.node.id, group: stream.node.group, type: shortName(answer.type), version: answer.version, message: error.message });
          this.#waiters.look(stream);
        },
        closed: (stream) => this.#waiters.look(stream, true),
      },
    });
    this.#regroupings = new Regroupings(this.#fleet);
    this.#publisher = new Publisher(desired.revision, (...what) => {
      this.#fleet.publish(...what);
      onPublished?.(what[1]);
    });
  }

  /** A commit of the registry. */
  notice(commit: Commit): void {
    const { meters } = this.#fleet;
    meters.commits++;
    if (this.#publisher.notice(commit, this.#tracer.current())) meters.coalesced++;
  }

  /** Looks again at what is kept elsewhere: files of certificates. It makes no revision. @param keys of the objects that name them */
  refresh(keys: Iterable<string>): void {
    this.#publisher.notice({ number: this.#desired.revision, changes: [...keys].map((id) => ({ id })) });
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
    this.#publisher.resend(id, this.#tracer.current());
    await this.#publisher.flushed();
    return this.#progress(this.#desired.revision, newestTarget(this.#fleet), wait);
  }

  /** Has a node leave for the group that it belongs to by now, where it is in another one. */
  regroup(id: string): void {
    const astray = this.#fleet.place(id);
    if (astray.length === 0) return;
    this.#regroupings.begin(id);
    this.#fleet.restart(astray);
  }

  /** How far a node has come that changed its group: 1 of 1 where it holds exactly what the group does. */
  async arrival(id: string, wait?: WaitOptions): Promise<Progress> {
    if (wait !== undefined) await this.#regroupings.wait(id, wait.timeout, wait.signal);
    return this.#regroupings.progress(id);
  }

  /** What is parked since it was refused, and who is waited for. */
  safety(): SafetyReport {
    return safetyReport(this.#fleet);
  }

  /**
   * Has refused versions of an object served again.
   * @param group of one group alone
   * @returns whether there was one
   */
  release(key: string, group?: string): boolean {
    return this.#fleet.release(key, group);
  }

  /** Of a node that is or was connected; undefined for one that is not known. */
  placement(id: string): Placement | undefined {
    return this.#fleet.nodes.get(id)?.placement;
  }

  async #progress(revision: number, target: Target, wait: WaitOptions | undefined): Promise<Progress> {
    if (wait !== undefined) await this.#waiters.wait(this.#fleet, target, wait.timeout, wait.signal);
    return progress(this.#fleet, revision, target);
  }

  nodes(): NodeReport[] {
    return [...this.#fleet.nodes.values()].map((node) => reportNode(node, this.#fleet.revision)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What a node is given, or an Envoy of a group; undefined for a node that was never here. */
  content(whose: Whose): Content | undefined {
    return contentOf(this.#fleet, this.preview, whose);
  }

  stats(): RolloutStats {
    const { lastUpdate, updateCount, nodes, streamCount } = this.#fleet;
    let connected = 0;
    for (const node of nodes.values()) if (node.connected) connected++;
    const types = new Map<string, { sent: number; acked: number; rejected: number }>();
    for (const group of this.meters.groups()) {
      for (const [type, { sent, acked, rejected }] of group.types()) {
        const counts = entry(types, type, () => ({ sent: 0, acked: 0, rejected: 0 }));
        counts.sent += sent;
        counts.acked += acked;
        counts.rejected += rejected;
      }
    }
    if (types.get(OTHERS)?.sent === 0) types.delete(OTHERS);
    return { lastUpdate, updateCount, nodes: connected, streams: streamCount, types: Object.fromEntries(types) };
  }

  /** The numbers that are kept while the work goes on. */
  get meters(): Meters {
    return this.#fleet.meters;
  }

  /** The numbers that are counted when somebody asks. */
  census(): Census {
    return census(this.#fleet);
  }

  /** Lets go of everyone who waits, and of what is kept for those who may come back. */
  close(): void {
    this.#publisher.close();
    this.#waiters.close();
    this.#regroupings.close();
    this.#fleet.close();
  }
}
