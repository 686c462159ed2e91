import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Health, Problem, Provider, Sink } from '../provider.ts';
import { Documents } from './documents.ts';
import { healthOf } from './health.ts';
import { type Hints, openHints } from './hints.ts';
import { isDocument, isHidden } from './names.ts';
import { type Found, look, type Seen, walk } from './walk.ts';

export interface FileOptions {
  /** Files and folders, absolute. */
  readonly paths: readonly string[];
  /** How often everything is looked at though nothing was heard, seconds. */
  readonly pollSeconds: number;
  /** Chokidar's unless given. */
  readonly hints?: typeof openHints;
}

/** What is touched is mostly touched several times. */
const GATHER_MS = 20;
/** What came about between the look at a folder and the watch on it is seen after so long. */
const SECOND_LOOK_MS = 500;

/**
 * Objects in files: all of them in force, all of the time. A file is read once it has settled, and keeps what it said before
 * where it cannot be read. The system tells of changes where it can, and from time to time everything is looked at anyway.
 */
export class FileProvider implements Provider {
  readonly name = 'file';
  readonly source: string;
  readonly #options: FileOptions;
  readonly #documents = new Documents(() => performance.now());
  readonly #hints: Hints;
  #sink: Sink | undefined;
  #found: Found | undefined;
  /** When to look at what: everything, or single files, by `performance.now()`. */
  #allAt = 0;
  readonly #due = new Map<string, number>();
  #walkMs = 0;
  #plannedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #resync = true;
  #isPublished = false;
  #deaf: Problem | undefined;
  #isDeafNew = false;
  #told = '';

  constructor(options: FileOptions) {
    this.#options = options;
    this.source = options.paths.join(', ');
    this.#hints = (options.hints ?? openHints)(
      (path) => this.#hear(path),
      (error) => this.#noticeDeaf(error),
    );
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.resync();
  }

  resync(): void {
    this.#resync = true;
    this.#allAt = 0;
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#hints.close();
  }

  /** Something was touched: a document is looked at alone, and everything where it may have changed what is a document. */
  #hear(path: string): void {
    const found = this.#found;
    if (found === undefined) return;
    const folder = found.folders.get(dirname(path));
    const name = basename(path);
    const document = found.targets.get(path) ?? (folder !== undefined && isDocument(name) ? join(folder, name) : path);
    const now = performance.now();
    if (!found.links.has(path) && (found.files.has(document) || (folder !== undefined && isDocument(name)))) {
      this.#due.set(document, Math.min(this.#due.get(document) ?? Number.POSITIVE_INFINITY, now + GATHER_MS));
    } else if (found.links.has(path) || found.folders.has(path) || found.blind.has(path) || (folder !== undefined && !isHidden(name))) {
      this.#allAt = Math.min(this.#allAt, now + GATHER_MS + 5 * this.#walkMs);
    } else return;
    if (Math.min(this.#allAt, this.#due.get(document) ?? this.#allAt) < this.#plannedAt) this.#plan();
  }

  #noticeDeaf(error: Error): void {
    if (this.#deaf !== undefined) return;
    this.#deaf = {
      code: 'unwatched',
      message: `the system does not tell of changes (${error.message}), so they are noticed within ${this.#options.pollSeconds} s`,
      hint: 'sysctl fs.inotify.max_user_watches fs.inotify.max_user_instances shows the limits of Linux',
    };
    this.#isDeafNew = true;
    this.#allAt = Math.min(this.#allAt, performance.now() + GATHER_MS);
    this.#plan();
  }

  #plan(): void {
    if (this.#sink === undefined || this.#running !== undefined) return;
    let next = this.#allAt;
    for (const at of this.#due.values()) next = Math.min(next, at);
    clearTimeout(this.#timer);
    this.#plannedAt = next;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, next - performance.now()));
  }

  #run(): void {
    this.#running = this.#look()
      .catch((thrown: unknown) => {
        if (this.#sink !== undefined) this.#report(this.#sink, { state: 'degraded', message: thrown instanceof Error ? thrown.message : String(thrown) });
      })
      .finally(() => {
        this.#running = undefined;
        this.#plan();
      });
  }

  async #look(): Promise<void> {
    const started = performance.now();
    const hasty = this.#resync;
    this.#resync = false;
    if (hasty) this.#documents.forget();
    const seen = this.#allAt <= started ? await this.#lookAtAll(started) : await this.#lookAtDue(started);
    const { changed, waiting } = await this.#documents.look(seen.files, hasty);
    const now = performance.now();
    for (const [path, ms] of waiting) this.#due.set(path, now + ms);
    this.#tell(hasty || changed || seen.changed || this.#isDeafNew);
    this.#isDeafNew = false;
  }

  async #lookAtAll(started: number): Promise<{ files: ReadonlyMap<string, Seen>; changed: boolean }> {
    this.#allAt = started + this.#options.pollSeconds * 1000;
    this.#due.clear();
    const found = await walk(this.#options.paths);
    const files = new Map(found.files);
    for (const path of this.#documents.missing(found.files, found.blind)) files.set(path, { state: 'absent' });
    const changed = this.#found === undefined || textOf(found.blind) !== textOf(this.#found.blind);
    this.#found = found;
    this.#walkMs = performance.now() - started;
    if (this.#sink !== undefined && this.#hints.follow(foldersOf(found, this.#options.paths))) {
      this.#allAt = Math.min(this.#allAt, performance.now() + SECOND_LOOK_MS);
    }
    return { files, changed };
  }

  async #lookAtDue(now: number): Promise<{ files: ReadonlyMap<string, Seen>; changed: boolean }> {
    const paths = [...this.#due].filter(([, at]) => at <= now).map(([path]) => path);
    for (const path of paths) this.#due.delete(path);
    const files = new Map(await Promise.all(paths.map(async (path) => [path, await this.#lookAt(path)] as const)));
    const blind = this.#found?.blind ?? new Map<string, string>();
    const before = textOf(blind);
    for (const [path, seen] of files) {
      if (seen.state === 'fault') blind.set(path, seen.why);
      else blind.delete(path);
    }
    return { files, changed: textOf(blind) !== before };
  }

  /** A path that was named and is gone is a source that cannot be read, and no file that was deleted. */
  async #lookAt(path: string): Promise<Seen> {
    const seen = await look(path);
    const files = this.#found?.files;
    // What a new link leads to is to be watched as well.
    if (files?.has(path) === false && (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true) this.#allAt = 0;
    files?.set(path, seen);
    return seen.state === 'absent' && this.#options.paths.includes(path) ? { state: 'fault', why: 'does not exist' } : seen;
  }

  #tell(changed: boolean): void {
    const sink = this.#sink;
    const blind = this.#found?.blind ?? new Map<string, string>();
    if (sink === undefined) return;
    const health = healthOf(this.#options.paths, blind);
    // Where nothing could be read yet nothing is known, and that is no state.
    if (changed && (this.#isPublished || health.state !== 'down')) {
      this.#isPublished = true;
      const state = this.#documents.state([...blind].map(([path, why]) => ({ path, why })));
      sink.publish(this.#deaf === undefined ? state : { ...state, problems: [...(state.problems ?? []), this.#deaf] });
      this.#told = '';
    }
    this.#report(sink, health);
  }

  #report(sink: Sink, health: Health): void {
    const text = JSON.stringify(health);
    if (text === this.#told) return;
    this.#told = text;
    sink.report(health);
  }
}

function textOf(blind: ReadonlyMap<string, string>): string {
  return JSON.stringify([...blind]);
}

/** What to watch: the folders themselves, those in which links lie, and those of documents that lie elsewhere. */
function foldersOf({ folders, links, targets, files, blind }: Found, paths: readonly string[]): ReadonlySet<string> {
  const watched = new Set(folders.keys());
  for (const path of [...links, ...targets.keys()]) watched.add(dirname(path));
  for (const path of paths) if (files.has(path)) watched.add(dirname(path));
  // One that is not there is waited for.
  for (const path of paths) if (blind.has(path)) watched.add(path);
  return watched;
}
