/** What every object may say, whatever its kind. */
export interface Common {
  /** The groups of Envoys that get it, sorted; none means all. */
  readonly groups?: readonly string[];
  /** What people sort their objects by, and `apply --prune` goes by. */
  readonly labels?: Readonly<Record<string, string>>;
}
