import { EnvoyageError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { Wish } from '../model/kinds.ts';
import type { Override, ProviderStatus } from '../model/provider-status.ts';
import type { DeclaredObjects } from './declared-state.ts';
import { Gone } from './gone.ts';
import { Member } from './member.ts';
import { OverrideExpiry } from './override-expiry.ts';
import { precedence } from './precedence.ts';
import type { Provider } from './provider.ts';

export interface AggregatorOptions {
  readonly objects: DeclaredObjects;
  readonly providers: readonly Provider[];
  /** Names, those that go first first; others follow by name. */
  readonly priority?: readonly string[];
  /** What only others can tell of an object. @throws EnvoyageError */
  check?(wish: Wish): void;
  now?(): Date;
  /** How a provider stands is another than before. */
  onState?(status: ProviderStatus): void;
  /** An override has had its time. */
  onEnded?(override: Override): void;
  /** What a provider declares could not be stored; it is tried again. */
  onFault?(provider: string, thrown: unknown): void;
}

/**
 * All providers, each of which may publish when it wants to. It decides who of several has an object, and brings the registry to what
 * they declare. What is in force when it starts stays until its provider has spoken.
 */
export class Aggregator {
  readonly #options: AggregatorOptions;
  readonly #members = new Map<string, Member>();
  #unlisten: (() => void) | undefined;
  readonly #expiry: OverrideExpiry;
  #isOpen = false;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    const { objects, now = () => new Date(), onEnded, onFault } = options;
    this.#expiry = new OverrideExpiry({
      overrides: objects.overrides,
      now,
      onEnded: (override) => onEnded?.(override),
      onFault: (service, thrown) => onFault?.(objects.object(service)?.provider ?? service, thrown),
      onDue: () => void this.overridesChanged(),
    });
  }

  /** Starts all of them. What the registry has of providers that are none any more goes. */
  start(): void {
    this.#isOpen = true;
    const { objects, providers } = this.#options;
    for (const provider of providers) this.#members.set(provider.name, this.#member(provider));
    for (const name of objects.providers()) if (!this.#members.has(name)) this.#members.set(name, this.#member(new Gone(name)));
    // Afterwards: within a commit there is none of somebody else's.
    this.#unlisten = objects.onCommit(({ provider }) => queueMicrotask(() => this.#changed(provider)));
    for (const member of [...this.#members.values()]) member.start();
    void this.overridesChanged();
  }

  /** What no Envoy should be answered without: each with what resolves when it has spoken, or what it said before is in force. */
  sources(): { readonly name: string; readonly synced: Promise<void> }[] {
    return [...this.#members.values()].filter(({ isLeaving }) => !isLeaving).map(({ name, synced }) => ({ name, synced }));
  }

  /** By name, each with the first of its problems. */
  list(problems = 20): ProviderStatus[] {
    return [...this.#members.values()]
      .filter(({ isLeaving }) => !isLeaving)
      .map((member) => member.status(problems))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws EnvoyageError provider-not-found */
  get(name: string, problems = 1000): ProviderStatus {
    return this.#find(name).status(problems);
  }

  /** What it publishes is kept for later. @throws EnvoyageError provider-not-found, store-failed */
  pause(name: string, by: string): void {
    const member = this.#find(name);
    member.pause(this.#options.objects.pauses.put(name, by));
  }

  /**
   * @returns resolves when what it published last was taken over
   * @throws EnvoyageError provider-not-found, store-failed
   */
  resume(name: string): Promise<void> {
    const member = this.#find(name);
    this.#options.objects.pauses.delete(name);
    member.pause(undefined);
    return member.looked();
  }

  /**
   * Has it read everything anew.
   * @returns true when it has published that, and it is in force; false where it could not be read, or stops before
   * @throws EnvoyageError provider-not-found
   */
  resync(name: string): Promise<boolean> {
    return this.#find(name).resync();
  }

  /** In the place of one of the same name, whose objects it takes over. */
  add(provider: Provider): void {
    const member = this.#member(provider);
    const before = this.#members.get(provider.name);
    this.#members.set(provider.name, member);
    if (!this.#isOpen) return;
    void before?.stop();
    member.start();
  }

  /** Its objects go, paused or not; what is still referred to stays until it is not. @throws EnvoyageError store-failed */
  async remove(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined) return;
    this.#options.objects.pauses.delete(name);
    this.add(new Gone(name));
    await member.stop();
  }

  /** Somebody laid an override, or took one away: what it concerns is looked at again. Resolves when that is done. */
  async overridesChanged(): Promise<void> {
    this.#expiry.look();
    await Promise.all([...this.#members.values()].map((member) => member.looked()));
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#expiry.close();
    this.#unlisten?.();
    await Promise.all([...this.#members.values()].map((member) => member.stop()));
  }

  #member(provider: Provider): Member {
    const { objects, check, now = () => new Date(), onState, onFault } = this.#options;
    return new Member({
      provider,
      objects,
      now,
      check: (wish) => check?.(wish),
      isLeaving: provider instanceof Gone,
      before: (key) => this.#before(provider.name, key),
      isWanted: (key) => [...this.#members.values()].some((other) => other.name !== provider.name && other.isActive && other.declares(key)),
      concerned: (keys) => this.#concerned(provider.name, keys),
      onState: (member) => onState?.(member.status(1)),
      onFault: (thrown) => onFault?.(provider.name, thrown),
      onEmpty: (member) => {
        if (this.#members.get(member.name) === member) this.#members.delete(member.name);
      },
    });
  }

  /** A provider that goes before another one with an object: one that declares it, or that had it before it could say so again. */
  #before(name: string, key: string): string | undefined {
    const { priority = [], objects } = this.#options;
    for (const other of this.#members.values()) {
      if (other.name === name || other.isLeaving || precedence(priority, other.name, name) > 0) continue;
      if (other.claims(key) || (!other.hasSpoken && objects.object(key)?.provider === other.name)) return other.name;
    }
    return undefined;
  }

  /** What was refused may be possible now. @param by the provider that changed something; undefined for people */
  #changed(by: string | undefined): void {
    for (const member of this.#members.values()) if (member.name !== by && member.isWaiting) member.look();
  }

  /** Others may have what one has let go of, or have to make way. */
  #concerned(name: string, keys: readonly string[]): void {
    for (const other of this.#members.values()) if (other.name !== name && keys.some((key) => other.declares(key))) queueMicrotask(() => other.look());
  }

  #find(name: string): Member {
    const found = this.#members.get(name);
    if (found !== undefined && !found.isLeaving) return found;
    const known = this.list().map((each) => each.name);
    const there = known.length === 0 ? 'there is none' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
    throw new EnvoyageError('provider-not-found', `there is no provider "${name.slice(0, 80)}"${didYouMean(name, known)}`, {
      hint: `${there}; envoyage providers`,
    });
  }
}
