/**
 * Where objects come from: Docker's labels, files, a URL, a table.
 *
 * A provider tells its whole declared state whenever that changed, or may have: the aggregator compares, throttles, keeps
 * what was good, and marks where each object comes from. How to write one: docs/providers.md.
 */
export interface Provider {
  /** What its objects are marked with, `web@docker`: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** What it reads, for people: `unix:///var/run/docker.sock`, `/etc/envoyage/services`. Without secrets. */
  readonly source: string;
  /** Begins to watch, and returns at once. What cannot be reached is tried again until `stop`; meanwhile `sink.report` says so. */
  start(sink: Sink): void;
  /** Reads everything anew, now, and publishes it, though nothing seems to have changed. */
  resync(): void;
  /** Resolves when nothing of it is left; then it calls the sink no more. A second time is the same as once. */
  stop(): Promise<void>;
}

/** Whom a provider tells. Neither call throws, waits, or calls back. */
export interface Sink {
  /**
   * All that is declared now, which replaces what was declared before. An empty state is a state: where the source could not be
   * read, say so by `report` instead, and what was published last stays.
   */
  publish(state: DeclaredState): void;
  /** How it is, whenever that changes; a provider that publishes is well unless it says otherwise. */
  report(health: Health): void;
}

export interface DeclaredState {
  readonly objects: readonly Declaration[];
  /** What is wrong with the source and concerns some of it alone. */
  readonly problems?: readonly Problem[];
  /**
   * True for what was said where the source cannot be read now, by its origin: such an object stays though it is not declared. A
   * provider that has just started knows nothing of what a broken file said before.
   */
  keeps?(origin: string | undefined): boolean;
}

/** One object, as somebody declared it. */
export interface Declaration {
  /** As it would stand in a document (docs/vocabulary.md): what `parseWish` takes. One that is wrong becomes a problem, and its last good version stays. */
  readonly object: unknown;
  /** Where exactly it was said: `services.yaml:12:3`, `container shop-web-1`. */
  readonly origin?: string | undefined;
  /** Where in there a part of it was said, by JSON pointer: `services.yaml:14:5`. */
  placeOf?(pointer: string): string | undefined;
}

/** What is wrong with one object, or with a part of the source. */
export interface Problem {
  /** For machines: `invalid-request`, `host-taken`, `unreadable`; one of lib/errors.ts where one fits. */
  readonly code: string;
  /** The object's key (`keyOf`), where that is known. */
  readonly key?: string | undefined;
  /** Where: `services.yaml:14:5`, `container shop-web-1, label envoyage.prot`. */
  readonly origin?: string | undefined;
  /** What and why. */
  readonly message: string;
  /** How to mend it. */
  readonly hint?: string | undefined;
}

/** `ok`; `degraded`: a part of the source cannot be read; `down`: none of it, and what was read last stays. */
export interface Health {
  readonly state: 'ok' | 'degraded' | 'down';
  /** Why, where it is not ok: `connect ENOENT /var/run/docker.sock; tried again in 8 s`. */
  readonly message?: string | undefined;
  /** Where the provider reads several places (hosts with an engine each), how each of them is. */
  readonly parts?: readonly (Health & { readonly name: string })[] | undefined;
}
