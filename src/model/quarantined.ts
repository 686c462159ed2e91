/** An object that Envoys refused, at the version that they refused, parked until it changes. */
export interface Quarantined {
  /** See `keyOf`. */
  readonly key: string;
  readonly group: string;
  /** The view: the way in which its clients ask, and the group. */
  readonly view: string;
  /** `cds`, `lds`, … */
  readonly type: string;
  /** Envoy's words. */
  readonly message: string;
  /** Who refused it first. */
  readonly node: string;
  /** The revision that made the object so. */
  readonly revision: number;
  /** The revision of the version that is served in its place; null where it is not served at all. */
  readonly good: number | null;
  /** RFC 3339, UTC. */
  readonly since: string;
}
