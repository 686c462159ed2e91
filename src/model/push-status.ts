import type { ProviderProblem, ProviderStatus } from './provider-status.ts';

/** What somebody pushed under a name, and what became of it. */
export interface PushStatus {
  readonly name: string;
  /** What its objects are marked with: `push-` and the name. */
  readonly provider: string;
  readonly by: string;
  /** RFC 3339: when it was pushed, as far as it was new. */
  readonly at: string;
  /** Seconds; missing where it stays until it is taken away. */
  readonly ttl?: number;
  /** RFC 3339 */
  readonly expiresAt?: string;
  readonly state: ProviderStatus['state'];
  /** How many objects were pushed. */
  readonly declared: number;
  /** How many of them are in force. */
  readonly inForce: number;
  /** The first of them; `problemCount` counts all. */
  readonly problems: readonly ProviderProblem[];
  readonly problemCount: number;
}
