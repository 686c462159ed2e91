/** One host's `envoyage agent`, as the daemon knows it. */
export interface AgentStatus {
  readonly name: string;
  /**
   * `alive`: its lease runs. `lost`: its lease ended, and its endpoints drain or are gone. `left`: it said goodbye, and its
   * endpoints drain.
   */
  readonly state: 'alive' | 'lost' | 'left';
  /** RFC 3339: since when the state is what it is. */
  readonly since: string;
  /** Where other hosts reach its published ports. */
  readonly address: string;
  /** Of the program; missing where it was remembered from before the daemon was started anew. */
  readonly version?: string;
  /** Those that it told of and that are not gone. */
  readonly containers: number;
  /** Seconds. */
  readonly lease: number;
  /** RFC 3339; of one that is not alive, when it ended. */
  readonly leaseEndsAt: string;
  /** RFC 3339: when it was heard of last; missing where it has not been since the daemon was started. */
  readonly seenAt?: string;
  /** How its engine is. */
  readonly engine: { readonly state: 'ok' | 'degraded' | 'down'; readonly message?: string };
}

/** What the daemon answers an agent. */
export interface AgentAnswer {
  /** `wanted`: the daemon lacks what the agent said last, and the agent is to send it whole. */
  readonly state: 'known' | 'wanted';
  /** RFC 3339 */
  readonly leaseEndsAt: string;
}
