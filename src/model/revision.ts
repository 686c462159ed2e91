import type { Service } from './service.ts';

/** What one revision did to one service: `before` is null for one that is new, `after` for one that is gone. */
export interface Change {
  readonly id: string;
  readonly before: Service | null;
  readonly after: Service | null;
}

/** One accepted change of the desired state. */
export interface Revision {
  /** Counts up from 1 without gaps. */
  readonly number: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** Who asked for it: the user name that the CLI or API client gave, as `name@origin`. */
  readonly author: string;
  readonly changes: readonly Change[];
}
