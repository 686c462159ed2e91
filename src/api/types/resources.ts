import type { Explanation } from '../../model/explanation.ts';

/** What Envoys are sent, what a real Envoy makes of it, and what becomes of a request. */

/** Answer of GET /api/v1/dump. */
export interface Dump {
  readonly group: string;
  /** Where one node was asked for. */
  readonly node?: string;
  /** False where no such Envoy is connected: it is what one would be given. */
  readonly connected: boolean;
  readonly revision: number;
  /** In the order in which they are sent. */
  readonly resources: readonly DumpedResource[];
}

/** Name, type and resource are those of an object of kind Raw. */
export interface DumpedResource {
  readonly name: string;
  /** The type URL. */
  readonly type: string;
  /** As Envoys report it. */
  readonly version: string;
  /** Canonical JSON; `[redacted]` stands for what nobody is to see. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What a real Envoy made of what a group would be sent. */
export interface EnvoyVerdict {
  readonly group: string;
  readonly outcome: 'accepted' | 'rejected' | 'unknown';
  /** Its version. */
  readonly envoy?: string;
  /** Its words, where it rejected. */
  readonly message?: string;
  /** The cluster or listener that they are about, where it says so. */
  readonly resource?: string;
  /** Why nobody can say. */
  readonly reason?: string;
}

/** Answer of GET /api/v1/explain. */
export interface ExplainAnswer extends Explanation {
  /** The version of Envoy that it holds for: the oldest connected one of the group; null for the newest where none is. */
  readonly envoy: string | null;
  readonly revision: number;
}
