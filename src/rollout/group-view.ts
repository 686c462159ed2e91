import type { Asked } from '../xds/attachment.ts';
import type { FrameCache } from '../xds/frame.ts';
import type { Store } from '../xds/store.ts';
import type { ClientKind } from './client-kind.ts';
import type { Desired } from './desired.ts';

/** What the clients of one group and kind are to hold. */
export interface GroupView {
  readonly group: string;
  readonly kind: ClientKind;
  readonly store: Store;
  readonly frames: FrameCache;
  /**
   * Follows what became of the services named.
   * @param again services to be sent once more even where nothing changed
   * @returns the publication that holds it
   */
  follow(desired: Desired, ids: Iterable<string>, again?: Iterable<string>): number;
  /** Present where content is made as it is asked for. */
  readonly asked?: Asked;
  /** Its clients keep the version of a type when they have let go of what it was about. */
  readonly forgetful?: boolean;
}
