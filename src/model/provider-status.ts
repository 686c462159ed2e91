import type { Kind } from './kinds.ts';

/** How one provider is, for people and their machines. */
export interface ProviderStatus {
  readonly name: string;
  /** What it reads: `unix:///var/run/docker.sock`. */
  readonly source: string;
  /**
   * `starting`: it has not published yet; `degraded`: a part of its source cannot be read, or some of its objects have
   * problems; `down`: the source cannot be read, and what was read last stays; `paused`: what it publishes is kept for later.
   */
  readonly state: 'starting' | 'ok' | 'degraded' | 'down' | 'paused';
  /** Why, where it is not ok. */
  readonly message?: string;
  /** RFC 3339: since when the state is what it is. */
  readonly since: string;
  /** When it published last, whether anything was new or not; missing before the first time. */
  readonly syncedAt?: string;
  /** The revision that it made last. */
  readonly revision?: number;
  /** How many objects of it are in force, by kind; kinds without any are left out. */
  readonly objects: Readonly<Partial<Record<Kind, number>>>;
  /** What is wrong, the first of them; `problemCount` counts all. */
  readonly problems: readonly ProviderProblem[];
  readonly problemCount: number;
  /** Where it reads several places, how each of them is. */
  readonly parts?: readonly { readonly name: string; readonly state: 'ok' | 'degraded' | 'down'; readonly message?: string }[];
  /** Who paused it. */
  readonly paused?: { readonly by: string; readonly at: string };
  /** Since the daemon started: how often it published, how often that changed something, how often it could not read its source. */
  readonly counts: { readonly published: number; readonly changed: number; readonly failed: number };
}

/** What is wrong with one object of a provider, or with a part of its source. */
export interface ProviderProblem {
  /** For machines: `host-taken`. */
  readonly code: string;
  /** `web@docker`, where it is about one object. */
  readonly object?: string;
  /** Where it was said. */
  readonly origin?: string;
  readonly message: string;
  readonly hint?: string;
}

/** What people lay over an endpoint of a provider, or over all of a service's. */
export interface Override {
  /** Of the service. */
  readonly service: string;
  /** `10.0.0.1:80`; missing for all of the service's. */
  readonly endpoint?: string;
  /** At least one of the two. */
  readonly weight?: number;
  readonly state?: 'healthy' | 'draining' | 'disabled';
  /** Who laid it. */
  readonly by: string;
  /** Why, where they said. */
  readonly reason?: string;
  /** RFC 3339. */
  readonly at: string;
  /** RFC 3339: when it ends by itself; missing for never. */
  readonly until?: string;
}

/** That somebody paused a provider. */
export interface Pause {
  readonly provider: string;
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}
