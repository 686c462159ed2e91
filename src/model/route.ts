import type { Common } from './common.ts';

/** Requests to some hosts, by what they look like, to services, or to an answer of Envoy's own. */
export interface Route extends Common {
  readonly kind: 'Route';
  readonly name: string;
  /** As with a service: names, and `*.example.com`; `*` alone for every host that nobody else has. Sorted. */
  readonly hosts: readonly string[];
  /** The listeners it is for, sorted; none means every listener of its groups that serves routes. */
  readonly listeners?: readonly string[];
  /** A request meets the route where one of these holds; none means every request. */
  readonly match?: readonly RouteMatch[];
  /** A higher one is asked first; 0 unless given. What decides among equals: `compareCandidates` in route-order.ts. */
  readonly priority?: number;
  /** One of the three. */
  readonly to?: readonly RouteTarget[];
  readonly redirect?: Redirect;
  readonly respond?: { readonly status: number; readonly body?: string };
  readonly rewrite?: Rewrite;
  /** Of the whole request, retries included, as `parseDuration` writes it; none for one that may take as long as it likes. */
  readonly timeout?: string;
  /** How long nothing may happen on a request; five minutes unless given, `0s` for as long as it likes. */
  readonly idleTimeout?: string;
  readonly retries?: Retries;
  readonly headers?: { readonly request?: HeaderChanges; readonly response?: HeaderChanges };
}

/** All that it says has to hold. */
export interface RouteMatch {
  /**
   * At most one of the three. A prefix is one of segments: `/api` is `/api` and `/api/x`, not `/apis`; it ends with a slash
   * only where it is `/`. A regular expression is RE2's, and has to match the whole path. None of them sees the query.
   */
  readonly path?: PathMatch;
  /** Sorted. */
  readonly methods?: readonly string[];
  /** By name, lower case. Of several headers of one name one has to hold; before Envoy 1.39 they are one, joined by commas. */
  readonly headers?: Readonly<Record<string, ValueMatch>>;
  /** By name; the first of several values counts, undecoded, as it is written in the URL. */
  readonly query?: Readonly<Record<string, ValueMatch>>;
}

export type PathMatch = { readonly exact: string } | { readonly prefix: string } | { readonly regex: string };
export type ValueMatch = PathMatch | { readonly present: boolean };

export interface RouteTarget {
  /** The id of a service. */
  readonly service: string;
  /** Of the sum over all targets; 1 unless given. */
  readonly weight?: number;
}

export interface Redirect {
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  readonly port?: number;
  /** The whole path, or what stands in place of the matched prefix. */
  readonly path?: string;
  readonly prefix?: string;
  /** 301 unless given. */
  readonly status?: 301 | 302 | 303 | 307 | 308;
  /** Leaves the query out. */
  readonly dropQuery?: true;
}

export interface Rewrite {
  /** The whole path, what stands in place of the matched prefix, or a regular expression and what stands in its place (`\1` for its first group). */
  readonly path?: string;
  readonly prefix?: string;
  readonly regex?: { readonly pattern: string; readonly with: string };
  readonly host?: string;
}

export interface Retries {
  /** After the first attempt; 0 for none. */
  readonly attempts: number;
  /** Envoy's `retry_on` words, such as `5xx`, `connect-failure`, sorted; what cannot have reached the upstream unless given. */
  readonly on?: readonly string[];
  /** Sorted. */
  readonly statuses?: readonly number[];
  readonly perTryTimeout?: string;
  readonly backoff?: { readonly base: string; readonly max?: string };
}

export interface HeaderChanges {
  /** Values may hold Envoy's command operators, `%DOWNSTREAM_REMOTE_ADDRESS%`; `%%` is a percent sign. */
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  /** Sorted. */
  readonly remove?: readonly string[];
}
