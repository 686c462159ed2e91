/** How far a change has come with the Envoys that it goes to. */

/** How far a revision has come. A revision is `live` when every connected Envoy has acknowledged it. */
export interface Rollout {
  readonly revision: number;
  /**
   * `live`: all acknowledged. `pending`: some have not answered yet. `rejected`: all answered, some refused it.
   * `no-envoys`: none is connected; the next to connect gets it.
   */
  readonly state: 'live' | 'pending' | 'rejected' | 'no-envoys';
  /** Envoys connected that the revision goes to. */
  readonly nodes: number;
  /** How many of them acknowledged it. */
  readonly acked: number;
  /** Node ids that have not answered yet, at most 20. */
  readonly pending: readonly string[];
  /** At most 20. */
  readonly rejected: readonly Rejection[];
  /** Milliseconds from the accepted write to the last answer, or until now while pending. */
  readonly elapsedMs: number;
}

export interface Rejection {
  readonly node: string;
  /** `cds`, `eds`, `lds`, `rds`, `sds`. */
  readonly type: string;
  /** Envoy's words. */
  readonly message: string;
}
