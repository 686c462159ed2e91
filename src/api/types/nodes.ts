import type { Move, Placement } from '../../model/placement.ts';
import type { Rollout } from './rollout.ts';
import type { SafetyState } from './safety.ts';

/** The Envoys, what each of them holds, and which group it is in. */

/** What one Envoy made of one type. */
export interface NodeType {
  readonly type: string;
  /** Content hash of what was sent last, and of what it acknowledged last. */
  readonly sentVersion: string;
  readonly ackedVersion: string;
  readonly sent: number;
  readonly acked: number;
  readonly rejected: number;
  /** The rejection that stands; gone once what it was about has been replaced or taken away. */
  readonly rejection?: {
    readonly version: string;
    readonly message: string;
    readonly at: string;
    /** Keys of the objects that it may be about, at most 20. */
    readonly objects?: readonly string[];
  };
}

export interface Node {
  readonly id: string;
  readonly group: string;
  /** Why it is in that group. */
  readonly placement: Placement;
  /** `in-sync`: holds the newest. `behind`: an answer is awaited. `rejected`: it refused the newest. `gone`: not connected now. */
  readonly state: 'in-sync' | 'behind' | 'rejected' | 'gone';
  readonly connected: boolean;
  /** `envoy 1.40.0` */
  readonly agent: string;
  readonly address: string;
  /** How many streams it holds open; one with ADS. */
  readonly streams: number;
  readonly variant: 'delta' | 'sotw' | 'mixed' | 'none';
  readonly connectedAt: string;
  readonly lastAnswerAt: string | null;
  /** The newest revision that it has acknowledged in whole; 0 before the first. */
  readonly revision: number;
  readonly types: readonly NodeType[];
}

/** Someone whom the xDS server turned away in the last ten minutes. */
export interface RefusedClient {
  /** IP address. */
  readonly address: string;
  readonly reason: string;
  /** How often for this reason. */
  readonly count: number;
  /** The last time. */
  readonly at: string;
}

export interface NodeList extends SafetyState {
  readonly nodes: readonly Node[];
  /** Who was moved, also where it has not been seen since the start. */
  readonly moved: readonly Move[];
  /** The latest first, at most 100. */
  readonly refused: readonly RefusedClient[];
  readonly revision: number;
}

/** Answer of GET, PUT and DELETE of /api/v1/nodes/{id}/group. */
export interface NodeGroup {
  readonly node: string;
  /** Null where the move of an Envoy was undone that has not been seen since the start: it will say its group when it comes. */
  readonly group: string | null;
  readonly placement: Placement | null;
  /** The newest. */
  readonly revision: number;
  /** Of this one Envoy; there where `?wait=acked` asked for it. `live`: it holds exactly what the group does. */
  readonly rollout?: Rollout;
}
