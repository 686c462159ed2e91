import { createHash } from 'node:crypto';
import { EnvoyageError } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { Provider } from '../provider.ts';
import { PushProvider, providerOf } from './push-provider.ts';
import type { Pushed } from './read.ts';

/** How often is looked whose time is over, milliseconds. */
const TICK_MS = 1000;

/** As many names may be pushed under. */
export const MOST_PUSHES = 500;

/** What is kept of a push, so that a daemon that is started anew still has it. */
export interface KeptPush {
  readonly name: string;
  /** JSON */
  readonly body: string;
  /** Seconds, from the push or the start of the daemon; undefined for good. */
  readonly ttl: number | undefined;
  readonly by: string;
  /** RFC 3339 */
  readonly at: string;
}

export interface PushStore {
  load(): Iterable<KeptPush>;
  /** On disk when it returns. @throws EnvoyageError store-failed */
  save(push: KeptPush): void;
  /** @throws EnvoyageError store-failed */
  drop(name: string): void;
}

/** Where providers come and go while the daemon runs. */
export interface ProviderHost {
  add(provider: Provider): void;
  /** Its objects go. */
  remove(name: string): Promise<void>;
  /** Resolves when what it declares now is in force, as far as it can be. */
  resync(name: string): Promise<unknown>;
}

/** Times are milliseconds since the epoch. */
export interface Push {
  readonly name: string;
  readonly provider: PushProvider;
  /** What the objects were, so that the same ones are known again. */
  readonly digest: string;
  readonly declared: number;
  readonly by: string;
  readonly at: string;
  readonly ttl: number | undefined;
  expires: number | undefined;
}

export interface PushesOptions {
  readonly store: PushStore;
  readonly now?: () => number;
  onNews?(push: Push, news: 'pushed' | 'expired' | 'removed'): void;
  /** What went wrong while nobody waited for it. */
  onError?(thrown: unknown): void;
}

/** What was pushed, each name a provider of its own that lives as long as its time to live, or until it is taken away. */
export class Pushes {
  readonly #options: PushesOptions;
  readonly #now: () => number;
  readonly #pushes = new Map<string, Push>();
  readonly counts = { pushed: 0, renewed: 0, expired: 0 };
  #host: ProviderHost | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PushesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Reads what is kept; each has its whole time to live anew. @throws EnvoyageError store-failed */
  open(): void {
    for (const { name, body, ttl, by, at } of this.#options.store.load()) {
      try {
        this.#pushes.set(name, this.#made(name, JSON.parse(body) as Pushed['objects'], body, ttl, by, at));
      } catch (thrown) {
        this.#options.onError?.(thrown);
      }
    }
  }

  /** Of what is kept, for those who start them. */
  providers(): Provider[] {
    return [...this.#pushes.values()].map(({ provider }) => provider);
  }

  start(host: ProviderHost): void {
    this.#host = host;
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#host = undefined;
  }

  /** By name. */
  list(): readonly Push[] {
    return [...this.#pushes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws EnvoyageError provider-not-found */
  get(name: string): Push {
    const push = this.#pushes.get(name);
    if (push !== undefined) return push;
    throw new EnvoyageError('provider-not-found', `nothing is pushed as "${name}"${didYouMean(name, this.#pushes.keys())}`, {
      hint: `envoyage push ${name} FILE`,
    });
  }

  /**
   * Replaces all that was pushed under the name. The same once more begins its time anew, and costs nothing else.
   * @returns resolves when it is in force, as far as it can be
   * @throws EnvoyageError invalid-request, store-failed
   */
  async put(name: string, { objects, ttl }: Pushed, by: string): Promise<Push> {
    const body = JSON.stringify(objects);
    const known = this.#pushes.get(name);
    if (known?.digest === digestOf(body) && known.ttl === ttl) {
      this.#renew(known);
      return known;
    }
    if (known === undefined && this.#pushes.size >= MOST_PUSHES)
      throw new EnvoyageError('invalid-request', `there are ${MOST_PUSHES} pushes already`, { hint: 'DELETE those that are not needed any more' });
    const at = new Date(this.#now()).toISOString();
    this.#options.store.save({ name, body, ttl, by, at });
    const push = this.#made(name, objects, body, ttl, by, at, known?.provider);
    this.#pushes.set(name, push);
    this.counts.pushed++;
    this.#options.onNews?.(push, 'pushed');
    if (known === undefined) this.#host?.add(push.provider);
    await this.#host?.resync(push.provider.name);
    return push;
  }

  /** Begins its time anew. @throws EnvoyageError provider-not-found */
  renew(name: string): Push {
    const push = this.get(name);
    this.#renew(push);
    return push;
  }

  /** Its objects go. @throws EnvoyageError provider-not-found, store-failed */
  async remove(name: string): Promise<void> {
    await this.#remove(this.get(name), 'removed');
  }

  /** Takes away what has had its time. */
  tick(): void {
    const now = this.#now();
    for (const push of [...this.#pushes.values()]) {
      if (push.expires === undefined || now < push.expires) continue;
      this.#remove(push, 'expired').then(
        () => this.counts.expired++,
        (thrown: unknown) => this.#options.onError?.(thrown),
      );
    }
  }

  #renew(push: Push): void {
    if (push.ttl !== undefined) push.expires = this.#now() + push.ttl * 1000;
    this.counts.renewed++;
  }

  async #remove(push: Push, news: 'expired' | 'removed'): Promise<void> {
    this.#options.store.drop(push.name);
    this.#pushes.delete(push.name);
    this.#options.onNews?.(push, news);
    await this.#host?.remove(providerOf(push.name));
  }

  #made(name: string, objects: Pushed['objects'], body: string, ttl: number | undefined, by: string, at: string, provider?: PushProvider): Push {
    const state = { objects };
    provider?.set(by, state);
    const expires = ttl === undefined ? undefined : this.#now() + ttl * 1000;
    return { name, provider: provider ?? new PushProvider(name, by, state), digest: digestOf(body), declared: objects.length, by, at, ttl, expires };
  }
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
