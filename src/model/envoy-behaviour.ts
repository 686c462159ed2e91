/** What Envoys of different versions do differently with a request; each shown by tests/integration/explain.test.ts. */
export interface EnvoyBehaviour {
  /** Several headers of one name are held against a match as one text, joined by commas; else each by itself. */
  readonly joinsHeaders: boolean;
  /** `/a/..;x/b` is `/a/..;x/b`; else `/b`. */
  readonly keepsDotParameters: boolean;
}

/** Of the newest Envoy. */
export const NEWEST_ENVOY: EnvoyBehaviour = { joinsHeaders: false, keepsDotParameters: false };

/** @param version `1.36.2`; what is no version counts as the newest */
export function behaviourOf(version: string): EnvoyBehaviour {
  const [major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [Number.POSITIVE_INFINITY];
  // changelogs/1.39.0.yaml: envoy.reloadable_features.match_headers_individually.
  const before139 = major < 1 || (major === 1 && minor < 39);
  return { joinsHeaders: before139, keepsDotParameters: before139 };
}
