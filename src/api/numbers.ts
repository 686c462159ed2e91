import type { Histogram } from '../lib/histogram.ts';

/** What streams of one group did with one type, since the start. */
export interface TypeNumbers {
  readonly sent: number;
  readonly acked: number;
  readonly rejected: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly heartbeats: number;
}

/** What one group did since the start. Its name is bounded in length, and so is the number of groups. */
export interface GroupNumbers {
  readonly group: string;
  types(): Iterable<[name: string, numbers: TypeNumbers]>;
  readonly streams: ReadonlyMap<string, { readonly variant: string; readonly service: string; readonly count: number }>;
  /** Seconds. */
  readonly firstAnswer: Histogram;
  readonly lastAnswer: Histogram;
  readonly overruns: number;
  readonly quarantined: number;
  readonly canaryTimeouts: number;
  readonly rollbacks: number;
  readonly pushWait: Histogram;
}

/** What one group is at the moment. */
export interface GroupState {
  readonly nodes: Readonly<Record<string, number>>;
  readonly behind: number;
  readonly blocked: number;
  readonly inFlight: number;
  readonly pending: number;
  readonly waiting: number;
  readonly held: number;
  readonly quarantined: number;
  readonly standing: Readonly<Record<string, number>>;
  readonly resources: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The numbers of the fleet as the metrics show them; what each of them means, docs/metrics.md says. */
export interface Numbers {
  readonly groups: Iterable<GroupNumbers>;
  readonly states: ReadonlyMap<string, GroupState>;
  /** Seconds, by stage. */
  readonly stages: Readonly<Record<string, Histogram>>;
  readonly commits: number;
  readonly coalesced: number;
}
