import type { ErrorDetail } from './codec.ts';
import type { Answer } from './frame.ts';
import { namedIn } from './rejection.ts';
import { type Resource, type Sum, sumWith, sumWithout } from './resource.ts';
import type { Entry } from './responses.ts';

/**
 * What one client holds of a type for a time (xds_protocol.rst, "TTL"): it drops each resource when that is up, unless it
 * heard of it again. Only what the client has acknowledged, or came back with, is renewed: a heartbeat repeats a version
 * that the client has, and Envoy refuses any other that has no body.
 */
export class Lease {
  readonly seconds: number;
  /** State of the world: what the client acknowledged last. */
  version = '';
  readonly #held = new Map<string, Resource>();
  #sum: Sum = 0n;
  /** When the last message that the client has taken for sure was sent, monotonic milliseconds. */
  #renewedAt = 0;
  /** The heartbeat that is under way. */
  #nonce = '';
  #sentAt = 0;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  get held(): ReadonlyMap<string, Resource> {
    return this.#held;
  }

  /** Stands for what is held. */
  get sum(): Sum {
    return this.#sum;
  }

  /** Longer unheard of than what the client holds would last. */
  lapsed(now: number): boolean {
    return now - this.#renewedAt >= this.seconds * 1000;
  }

  /** Incremental: the client came back with it. */
  returned(resources: Iterable<Resource>, now: number): void {
    for (const resource of resources) this.#hold(resource);
    this.#renewedAt = now;
  }

  /**
   * What the client made of an answer that was sent at `at`. Of what it refused by name it keeps what it had; where the
   * error gives no name it keeps all that it had.
   * @param replaces state of the world: the answer listed everything
   * @param partly names that an error does not give count as taken
   */
  answered(answer: Answer, at: number, error: ErrorDetail | undefined, { replaces, partly }: { replaces: boolean; partly: boolean }): void {
    const { leased = [], names, version } = answer;
    const refused = error === undefined ? undefined : namedIn(error.message, names);
    if (error !== undefined && (refused === undefined || !partly)) return;
    if (this.#held.size === 0) this.#renewedAt = at;
    const there = new Set(leased.map(({ name }) => name));
    for (const name of replaces ? [...this.#held.keys()] : names) if (!there.has(name) && refused?.has(name) !== true) this.letGo(name);
    for (const resource of leased) if (refused?.has(resource.name) !== true) this.#hold(resource);
    this.version = refused === undefined ? version : `${version}-${answer.nonce}`;
  }

  sent(nonce: string, now: number): void {
    this.#nonce = nonce;
    this.#sentAt = now;
  }

  /**
   * The client answered a heartbeat.
   * @returns names to be sent whole, since the client refused to renew them, or may have dropped them before the heartbeat
   *   came; undefined where `nonce` is not of the heartbeat under way
   */
  beaten(nonce: string, error: ErrorDetail | undefined, now: number): readonly string[] | undefined {
    if (nonce === '' || nonce !== this.#nonce) return undefined;
    this.#nonce = '';
    if (error !== undefined || this.lapsed(now)) return this.forfeit();
    this.#renewedAt = this.#sentAt;
    return [];
  }

  /** Nobody knows what the client holds. Returns the names that it held. */
  forfeit(): readonly string[] {
    const names = [...this.#held.keys()];
    this.#held.clear();
    this.#sum = 0n;
    return names;
  }

  /** What an answer, or a heartbeat, which has no body, says of a resource. */
  entry({ name, version, any }: Resource, body = true): Entry {
    return { name, version: leasedVersion(version, this), ...(body ? { any } : {}), ttl: this.seconds };
  }

  letGo(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#sum = sumWithout(this.#sum, held.digest);
  }

  #hold(resource: Resource): void {
    this.letGo(resource.name);
    this.#held.set(resource.name, resource);
    this.#sum = sumWith(this.#sum, resource.digest);
  }
}

/**
 * A version as a client is told it that takes a time to live. With another one, or with none any more, the version is
 * another one, so that a client that comes back is sent the resource again and forgets the old time.
 */
export function leasedVersion(version: string, lease: Lease | undefined): string {
  return lease === undefined ? version : `${version}~${lease.seconds}`;
}
