/** An Envoy that somebody put into a group, whatever it says of itself. */
export interface Move {
  /** `node.id` */
  readonly node: string;
  readonly group: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Who asked for it, as `name@origin`. */
  readonly by: string;
}

/** The group of a node, and why it is that one. */
export interface Placement {
  readonly group: string;
  /** It was moved there, a rule says so, `node.cluster` does, its certificate or token does, or nothing does and it is `default`. */
  readonly from: 'move' | 'rule' | 'cluster' | 'identity' | 'default';
  /** The rule, as it was written. */
  readonly rule?: string;
  /** When it was moved, and who did it. */
  readonly at?: string;
  readonly by?: string;
}

/** The group of a node that names none. */
export const DEFAULT_GROUP = 'default';
