/** What every object may say, whatever its kind. */
export interface Common {
  /** The groups of Envoys that get it, sorted; none means all. */
  readonly groups?: readonly string[];
  /** What people sort their objects by, and `apply --prune` goes by. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What the registry adds to what people said. */
export interface Bookkeeping {
  /** The revision that last changed it; its ETag. */
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** Where exactly it was said, `services.yaml:12:3`; missing where nobody told. */
  readonly origin?: string;
  /** The provider that declares it, `docker`; missing for what people own. */
  readonly provider?: string;
}
