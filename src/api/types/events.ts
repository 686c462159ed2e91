import type { Override, ProviderProblem, ProviderStatus } from '../../model/provider-status.ts';

/** What happens, as it is told. */

/** What one revision did to one object, without its content: GET /api/v1/revisions/{number} has that. */
export interface ChangeSummary {
  readonly kind: string;
  readonly name: string;
  readonly change: 'created' | 'changed' | 'deleted';
  /** The fields that differ, where it was changed. */
  readonly fields?: readonly string[];
}

/** An object that was refused, in an event. */
export interface ParkedObject {
  readonly key: string;
  readonly group: string;
  /** The revision that made it so. */
  readonly of: number;
  /** Where it was said, as far as that is known. */
  readonly origin?: string;
}

/** Something that happened, as GET /api/v1/events tells it. */
export type FleetEvent = {
  /** The newest revision by then; of a revision, its own number. */
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly time: string;
} & (
  | {
      readonly event: 'revision';
      readonly author: string /** Whose objects they are, where a provider has them. */;
      readonly provider?: string;
      readonly changes: readonly ChangeSummary[] /** How many are not listed. */;
      readonly more?: number;
    }
  /** A revision, and those before it that were not published yet, went out to the Envoys. */
  | { readonly event: 'publication' }
  /** Every connected Envoy has answered revision `of`: `rejected` where some refused it. */
  | {
      readonly event: 'live';
      readonly of: number;
      readonly state: 'live' | 'rejected' | 'no-envoys';
      readonly nodes: number;
      readonly acked: number;
      readonly elapsedMs: number;
    }
  | { readonly event: 'connected' | 'gone'; readonly node: string; readonly group: string; readonly agent: string; readonly address: string }
  | { readonly event: 'rejected'; readonly node: string; readonly group: string; readonly type: string; readonly message: string }
  /** Envoys of the group refused an object, and it is parked: revision `good` of it is served, nothing where that is null. */
  | ({
      readonly event: 'quarantined';
      readonly good: number | null;
      readonly type: string;
      /** Who refused it first, and Envoy's words. */
      readonly node: string;
      readonly message: string;
    } & ParkedObject)
  /** It is parked no more: it changed or is gone, or somebody wants it tried again. */
  | ({ readonly event: 'released'; readonly why: 'changed' | 'by-hand' } & ParkedObject)
  /**
   * The Envoys `nodes` of a group get changes up to revision `of` first. `waiting`: the others wait for them; `stalled`: these did not answer
   * in time; `passed`: the others get what waited; `refused`: they do not, since it was parked.
   */
  | {
      readonly event: 'canary';
      readonly group: string;
      readonly state: 'waiting' | 'stalled' | 'passed' | 'refused';
      readonly of: number;
      readonly nodes: readonly string[];
    }
  /** Revision `of`, which too many of the group refused, was taken back by revision `by`; `fault` says why it was not, where that is null. */
  | {
      readonly event: 'rolled-back';
      readonly of: number;
      readonly by: number | null;
      readonly fault?: string;
      readonly group: string;
      readonly refused: number;
      readonly nodes: number;
      readonly message: string;
    }
  /** A provider stands otherwise than before: its state is another one, or the number of its problems, of which the first is told. Once a second at most. */
  | {
      readonly event: 'provider';
      readonly name: string;
      readonly state: ProviderStatus['state'];
      readonly message?: string;
      readonly problems: readonly ProviderProblem[];
      readonly problemCount: number;
    }
  /** Somebody (`by`) laid an override or took one away, or its time is up. */
  | { readonly event: 'override'; readonly what: 'laid' | 'cleared' | 'ended'; readonly by?: string; readonly override: Override }
  /** What happened here is not known any more. `revisions`: not even the revisions up to `revision`; `others`: all but the revisions. */
  | { readonly event: 'gap'; readonly lost: 'revisions' | 'others'; readonly from: number }
);

export type EventName = FleetEvent['event'];
