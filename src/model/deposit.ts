/** What somebody sent who is not asked again: kept, so that a daemon that restarts still knows it. */
export interface Deposit {
  /** A push, what the agent of another host told, or what the engine of this one did. */
  readonly kind: 'push' | 'agent' | 'engine';
  readonly name: string;
  /** JSON. */
  readonly body: string;
  /** Seconds that it holds for from `at`, or from the start of the daemon where that was later; undefined for good. */
  readonly ttl: number | undefined;
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}
