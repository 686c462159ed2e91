import type { CommitOptions, Committed, Edit } from '../model/edit.ts';
import type { Kind, Stored } from '../model/kinds.ts';
import type { Move, Placement } from '../model/placement.ts';
import type { Override, ProviderStatus } from '../model/provider-status.ts';
import type { Change, Revision } from '../model/revision.ts';
import type { StoredService } from '../model/service.ts';
import type { AgentsPort } from './agents/ports.ts';
import type { EventHub } from './events/hub.ts';
import type { Numbers } from './numbers.ts';
import type { PushPort } from './push/ports.ts';
import type { CertificateStatus, DaemonInfo, Dump, EnvoyVerdict, Node, RefusedClient, Rollout, SafetyState, XdsStats } from './types.ts';

/** The desired state, as far as the API reads and changes it. */
export interface ServicesPort {
  readonly revision: number;
  readonly size: number;
  get(id: string): StoredService | undefined;
  list(): Iterable<StoredService>;
  /** All edits or none. @throws EnvoyageError */
  commit(edits: readonly Edit[], author: string, options?: CommitOptions): Committed;
  /** Of any kind. @param key see `keyOf` */
  object(key: string): Stored | undefined;
  /** Those of a kind, or all, by key. */
  objects(kind?: Kind): Iterable<Stored>;
  revisions(options: { limit: number; before?: number | undefined }): Revision[];
  revisionAt(number: number): Revision | undefined;
  /** The lowest revision whose objects of people are known in full. */
  readonly reach: number;
}

/** How long a caller waits for the Envoys, milliseconds, and what calls the waiting off. */
export interface Wait {
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What Envoys were sent and made of it. */
export interface RolloutPort {
  /** How far a revision has come; waits until all have answered where asked to. */
  rollout(revision: number, wait?: Wait): Promise<Rollout>;
  /** Sends a service's resources once more, changed or not. */
  resend(id: string, wait?: Wait): Promise<Rollout>;
  nodes(): Node[];
  stats(): XdsStats;
}

/** Which Envoy is in which group. */
export interface GroupsPort {
  /** Undefined for a node that was neither seen nor moved. */
  of(node: string): { readonly placement: Placement } | undefined;
  /** By node. */
  moved(): readonly Move[];
  /** On disk when it returns; the Envoy follows. @throws EnvoyageError store-failed */
  move(node: string, group: string, author: string): void;
  /** @throws EnvoyageError store-failed */
  undo(node: string, author: string): void;
  /** Whether the Envoy holds exactly what its group does; waits until it does where asked to. */
  arrival(node: string, wait?: Wait): Promise<Rollout>;
}

/** What Envoys are given. */
export interface DumpPort {
  /** Without secrets. @throws EnvoyageError invalid-request, node-not-found */
  dump(whose: { readonly node: string } | { readonly group: string }, type?: string): Promise<Dump>;
}

/** A real Envoy, where one is at hand. */
export interface EnvoyCheckPort {
  /** Every write is held against it first, whether that was asked for or not. */
  readonly always: boolean;
  /** What each group that the changes concern would make of them. */
  changes(changes: readonly Change[]): Promise<readonly EnvoyVerdict[]>;
}

/** What Envoys refused, what waits, and what was taken back. */
export interface SafetyPort {
  report(): SafetyState;
  /**
   * Has refused versions of an object tried again.
   * @param group in one group alone
   * @returns whether one was parked
   */
  release(key: string, group: string | undefined, author: string): boolean;
}

/** Where objects come from beside people, and what people lay over them. */
export interface ProvidersPort {
  /** By name; of the problems of each the first ones. */
  list(): readonly ProviderStatus[];
  /** With all its problems; undefined where there is none of that name. */
  get(name: string): ProviderStatus | undefined;
  /** On disk when it returns: nothing is taken over from it any more. @throws EnvoyageError provider-not-found, store-failed */
  pause(name: string, author: string): void;
  /** On disk at once; resolves when what it published last was taken over. @throws EnvoyageError provider-not-found, store-failed */
  resume(name: string, author: string): Promise<void>;
  /**
   * Has it read its source anew. Where asked to, resolves when what it then published was taken over (true), or when it could not read its
   * source, or when the waiting ends (false).
   * @throws EnvoyageError provider-not-found
   */
  resync(name: string, author: string, wait?: Wait): Promise<boolean>;
  /** By service and endpoint. */
  overrides(): readonly Override[];
  /** In the place of one for the same. On disk at once; resolves when what it concerns was looked at. @throws EnvoyageError store-failed */
  override(override: Override): Promise<void>;
  /** The same where they are taken away. @throws EnvoyageError store-failed */
  clearOverrides(overrides: readonly Override[], author: string): Promise<void>;
}

/** What the xDS server kept out. */
export interface XdsGuardPort {
  /** How often each limit acted. */
  readonly limited: Readonly<Record<string, number>>;
  readonly refusedTotal: number;
  /** Who was turned away lately, the latest first. */
  refused(): RefusedClient[];
}

/** What is served of each certificate. */
export interface CertificatesPort {
  /** By name. */
  list(): CertificateStatus[];
}

export interface ApiPorts {
  readonly push: PushPort;
  /** Undefined where the daemon takes no agents. */
  readonly agents?: AgentsPort | undefined;
  readonly services: ServicesPort;
  readonly rollout: RolloutPort;
  readonly safety: SafetyPort;
  readonly groups: GroupsPort;
  readonly guard: XdsGuardPort;
  readonly certificates: CertificatesPort;
  readonly providers: ProvidersPort;
  readonly events: EventHub;
  readonly dump: DumpPort;
  readonly envoyCheck: EnvoyCheckPort;
  /** A copy of the database, which the caller takes away. @throws EnvoyageError store-failed */
  backup(): Promise<{ readonly path: string; remove(): void }>;
  /** For the metrics: counts what has to be counted now. */
  numbers(): Numbers;
  info(): DaemonInfo;
  /** What has to hold before the daemon counts as ready, by name. */
  readiness(): Record<string, boolean>;
}
