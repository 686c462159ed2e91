/** What is kept from Envoys, or was taken back from them: the quarantine, canaries, automatic rollbacks. */

/** An object that Envoys refused, at the version that they refused. It is parked until it changes. */
export interface Quarantined {
  /** The id of a service, `Kind/name` of anything else. */
  readonly key: string;
  readonly group: string;
  /** `cds`, `eds`, `lds`, `rds`, `sds`. */
  readonly type: string;
  /** Envoy's words. */
  readonly message: string;
  /** Who refused it first. */
  readonly node: string;
  /** The revision that made it so. */
  readonly revision: number;
  /** The revision of the version that is served in its place; null where it is not served at all. */
  readonly good: number | null;
  readonly since: string;
  /** Where it was said. */
  readonly origin?: string;
}

/** The Envoys of a group that get changes first. */
export interface Canary {
  readonly group: string;
  readonly nodes: readonly {
    readonly id: string;
    /** `stalled`: it did not answer in time, and the others go on without it. */
    readonly state: 'in-sync' | 'waiting' | 'stalled';
    readonly since?: string;
  }[];
  /** Objects whose newest version the others do not have yet. */
  readonly waiting: number;
}

/** A revision that was taken back since too many refused it. */
export interface AutomaticRollback {
  readonly revision: number;
  /** The revision that took it back; null where that failed, and `fault` says why. */
  readonly by: number | null;
  readonly fault?: string;
  readonly group: string;
  /** Of how many nodes how many refused it. */
  readonly refused: number;
  readonly nodes: number;
  /** Envoy's words. */
  readonly message: string;
  readonly at: string;
}

export interface SafetyState {
  /** The oldest first. */
  readonly quarantined: readonly Quarantined[];
  readonly canaries: readonly Canary[];
  /** Since the start, the latest first, at most 20. */
  readonly rollbacks: readonly AutomaticRollback[];
}

/** Answer of GET /api/v1/quarantine. */
export type Quarantine = SafetyState & { readonly revision: number };
