import type { Wish } from './kinds.ts';

/** What one revision did to one object: `before` is null for one that is new, `after` for one that is gone. */
export interface Change {
  /** Its key: the id of a service, `Kind/name` of anything else. */
  readonly id: string;
  readonly before: Wish | null;
  readonly after: Wish | null;
}

/** One accepted change of the desired state. */
export interface Revision {
  /** Counts up from 1 without gaps. */
  readonly number: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** Who asked for it: the user name that the CLI or API client gave, as `name@origin`. */
  readonly author: string;
  /** The provider that declared it; missing for what people, or the daemon itself, changed. */
  readonly provider?: string;
  readonly changes: readonly Change[];
}
