import type { Revision } from '../../model/revision.ts';

/** The history. */

export interface RevisionList {
  /** Newest first. */
  readonly revisions: readonly Revision[];
  /** Pass as `before` for the next page; null on the last. */
  readonly next: number | null;
}
