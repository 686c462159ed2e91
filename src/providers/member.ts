import { EnvoyageError } from '../lib/errors.ts';
import { Throttle } from '../lib/throttle.ts';
import type { Wish } from '../model/kinds.ts';
import type { Pause, ProviderStatus } from '../model/provider-status.ts';
import { type Known, type Read, readDeclarations } from './declarations.ts';
import type { DeclaredObjects } from './declared-state.ts';
import { difference } from './difference.ts';
import type { DeclaredState, Provider } from './provider.ts';
import { reconcile } from './reconcile.ts';
import { Resyncs } from './resyncs.ts';
import { Standing } from './standing.ts';
import { statusOf } from './status.ts';

export interface MemberOptions {
  readonly provider: Provider;
  readonly objects: DeclaredObjects;
  /** It is none any more, and only here until its objects are gone. */
  readonly isLeaving: boolean;
  now(): Date;
  /** @throws EnvoyageError */
  check(wish: Wish): void;
  /** Who goes before it with an object of that key. */
  before(key: string): string | undefined;
  /** Whether another one declares it, too. */
  isWanted(key: string): boolean;
  /** It declares these since now, or no more. */
  concerned(keys: readonly string[]): void;
  onState(member: Member): void;
  /** It could not be stored. */
  onFault(thrown: unknown): void;
  /** One that is leaving has nothing left. */
  onEmpty(member: Member): void;
}

/** Bursts come together; docs/providers.md says so. */
const TIMES = { quiet: 100, most: 1000 } as const;
/** What could not be stored is tried again after so long, milliseconds. */
const RETRY = 5000;

const NOTHING: Read = { wishes: new Map(), wrong: new Set(), problems: [], keeps: () => false };

/** One provider among the others: what it published last, what became of that, and when it is looked at again. */
export class Member {
  readonly #options: MemberOptions;
  readonly #standing: Standing;
  readonly #throttle: Throttle;
  readonly #synced = Promise.withResolvers<void>();
  readonly #known: Known = new WeakMap();
  readonly #taken = new Map<string, Wish>();
  #published: DeclaredState | undefined;
  /** What of it was looked at last. */
  #seen: DeclaredState | undefined;
  #read = NOTHING;
  /** What of it the registry was brought to last. */
  #inForce = NOTHING;
  /** Not only what it published may be another than before. */
  #isDirty = true;
  #retry: NodeJS.Timeout | undefined;
  readonly #resyncs = new Resyncs();
  /** Those who wait until it is looked at next. */
  #lookers: (() => void)[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#standing = new Standing(options.now, () => options.onState(this));
    this.#throttle = new Throttle(() => this.#reconcile(), TIMES);
  }

  get name(): string {
    return this.#options.provider.name;
  }

  get isLeaving(): boolean {
    return this.#options.isLeaving;
  }

  /** Resolves when what it declares is in force, be it from before. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSpoken(): boolean {
    return this.#seen !== undefined;
  }

  /** True where what it declares counts. */
  get isActive(): boolean {
    return !this.isLeaving && this.#standing.paused === undefined;
  }

  /** True where something of it is refused, which may change when others do. */
  get isWaiting(): boolean {
    return this.#standing.problems.length > 0;
  }

  get #hasObjects(): boolean {
    for (const _ of this.#options.objects.declared(this.name)) return true;
    return false;
  }

  declares(key: string): boolean {
    return this.#read.wishes.has(key);
  }

  /** True where it declares it, be it wrongly: then its last good version stays, if it has one. */
  claims(key: string): boolean {
    return this.#read.wishes.has(key) || (this.#read.wrong.has(key) && this.#options.objects.object(key)?.provider === this.name);
  }

  start(): void {
    const { provider, objects } = this.#options;
    // What is none any more is not held up by who paused it while it was.
    this.#standing.paused = this.isLeaving ? undefined : objects.pauses.get(this.name);
    this.#standing.look();
    if (this.#hasObjects || this.#standing.paused !== undefined) this.#synced.resolve();
    provider.start({
      publish: (state) => {
        if (this.#stopped !== undefined) return;
        this.#published = state;
        this.#standing.published();
        this.#throttle.ask();
      },
      report: (health) => {
        if (this.#stopped !== undefined) return;
        this.#standing.reported(health);
        if (health.state === 'down') this.#resyncs.fail();
      },
    });
  }

  /** What others do may concern it: all of it is looked at. */
  look(): void {
    this.#isDirty = true;
    if (this.#published !== undefined && this.#stopped === undefined) this.#throttle.ask();
  }

  /** The same. Resolves when that is done; at once where there is nothing to look at yet. */
  looked(): Promise<void> {
    if (this.#published === undefined || this.#stopped !== undefined) return Promise.resolve();
    const done = Promise.withResolvers<void>();
    this.#lookers.push(done.resolve);
    this.look();
    return done.promise;
  }

  pause(pause: Pause | undefined): void {
    this.#standing.paused = pause;
    this.#standing.look();
    if (pause === undefined) this.look();
  }

  /** True when it has published anew and that is in force; false where it could not read its source, or stops before. */
  resync(): Promise<boolean> {
    const done = this.#resyncs.wait(this.#standing.counts.published);
    this.#options.provider.resync();
    return done;
  }

  /** @param problems how many of them at most */
  status(problems: number): ProviderStatus {
    return statusOf(this.#options.provider, this.#standing, this.#options.objects.declared(this.name), problems);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#throttle.close();
    clearTimeout(this.#retry);
    this.#resyncs.fail();
    for (const resolve of this.#lookers.splice(0)) resolve();
    await this.#options.provider.stop();
  }

  #reconcile(): void {
    // What is laid over it while this runs is looked at once more.
    const lookers = this.#lookers.splice(0);
    this.#look();
    for (const resolve of lookers) resolve();
  }

  #look(): void {
    const state = this.#published;
    if (state === undefined || this.#stopped !== undefined) return;
    if (this.#standing.paused !== undefined) {
      this.#standing.look();
      this.#layOver();
      this.#done();
      return;
    }
    const { objects, check, before, isWanted, concerned, onFault } = this.#options;
    if (state !== this.#seen) this.#read = readDeclarations(state, this.#known, check);
    this.#seen = state;
    clearTimeout(this.#retry);
    try {
      const { changed, others } = difference(this.#inForce, this.#read);
      const isOnlyThis = !this.#isDirty && this.#standing.problems.length === 0;
      // Until it has come to its end, nobody knows what is in force.
      this.#isDirty = true;
      const options = { provider: this.name, read: this.#read, objects, taken: this.#taken, before, isWanted };
      const { problems, revision, passed } = reconcile(options, isOnlyThis ? changed : undefined);
      this.#isDirty = false;
      this.#standing.applied(problems, revision);
      this.#inForce = this.#read;
      // What was refused may be possible over what was not.
      if (revision !== undefined && problems.length > this.#read.problems.length) this.look();
      if (others.length + passed.length > 0) concerned([...others, ...passed]);
      this.#done();
    } catch (thrown) {
      const { code, message, hint } = EnvoyageError.from(thrown);
      this.#standing.applied([{ code, message, hint }], undefined);
      onFault(thrown);
      this.#retry = setTimeout(() => this.look(), RETRY);
    }
    if (this.isLeaving && !this.#hasObjects) this.#options.onEmpty(this);
  }

  /** While it is paused: what people lay over what it has holds all the same, and nothing else changes. */
  #layOver(): void {
    const { objects, onFault } = this.#options;
    const wishes = new Map([...this.#read.wishes].filter(([key]) => objects.object(key)?.provider === this.name));
    try {
      reconcile({ provider: this.name, read: { ...this.#read, wishes }, objects, taken: this.#taken, before: () => undefined, isWanted: () => true });
    } catch (thrown) {
      onFault(thrown);
      this.#retry = setTimeout(() => this.look(), RETRY);
    }
  }

  /** What was published is in force, or kept for later. */
  #done(): void {
    this.#synced.resolve();
    this.#resyncs.done(this.#standing.counts.published);
  }
}
