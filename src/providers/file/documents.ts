import type { DeclaredState, Problem } from '../provider.ts';
import { type Blind, composeState } from './compose.ts';
import { type Content, keeping, NOTHING, readContent } from './content.ts';
import { isWithin } from './names.ts';
import { readText } from './read.ts';
import { type Memory, settle } from './settle.ts';
import type { Seen } from './walk.ts';

interface Known {
  memory: Memory;
  content: Content;
}

/** How many files are read at a time. */
const AT_ONCE = 32;

/** What all files said when they were read last. Only what has changed since is read again. */
export class Documents {
  readonly #files = new Map<string, Known>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  paths(): Iterable<string> {
    return this.#files.keys();
  }

  /** Has every file read again at the next look. */
  forget(): void {
    for (const known of this.#files.values()) known.memory = { since: 0 };
  }

  /**
   * Reads those of the files that have settled.
   * @returns whether anything is different now, and which files to look at again, with the milliseconds until then
   */
  async look(seen: ReadonlyMap<string, Seen>, hasty: boolean): Promise<{ changed: boolean; waiting: ReadonlyMap<string, number> }> {
    const waiting = new Map<string, number>();
    const toRead: [path: string, memory: Memory][] = [];
    let changed = false;
    for (const [path, each] of seen) {
      const known = this.#files.get(path);
      const verdict = settle(known?.memory, each, this.#now(), hasty);
      if (verdict.what === 'read') toRead.push([path, verdict.memory]);
      else if (verdict.what === 'gone') changed = this.#files.delete(path) || changed;
      else {
        if (verdict.memory !== undefined) this.#files.set(path, { content: known?.content ?? NOTHING, memory: verdict.memory });
        if (verdict.what === 'wait') waiting.set(path, verdict.ms);
      }
    }
    const readers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = toRead.pop(); next !== undefined; next = toRead.pop()) {
        const [path, memory] = next;
        const result = await this.#read(path, memory);
        if (result === 'changed') changed = true;
        if (result === 'unsettled') waiting.set(path, 0);
      }
    });
    await Promise.all(readers);
    return { changed, waiting };
  }

  async #read(path: string, memory: Memory): Promise<'changed' | 'same' | 'unsettled'> {
    const read = await readText(path);
    const before = this.#files.get(path)?.content;
    if (read.state === 'unsettled') {
      this.#files.set(path, { content: before ?? NOTHING, memory: { since: this.#now() } });
      return 'unsettled';
    }
    if (read.state === 'read') {
      this.#files.set(path, { content: readContent(path, read.text, before ?? NOTHING), memory: { ...memory, read: read.stamp, seen: read.stamp } });
      return 'changed';
    }
    const problem = unreadable(path, read.why, read.line);
    const isNew = before?.problems[0]?.message !== problem.message;
    if (isNew) this.#files.set(path, { content: keeping(before ?? NOTHING, [problem]), memory });
    return isNew ? 'changed' : 'same';
  }

  /** All that is declared now. @param blind what cannot be looked into */
  state(blind: readonly Blind[]): DeclaredState {
    const contents = new Map([...this.#files].map(([path, { content }]) => [path, content] as const));
    return composeState(contents, blind);
  }

  /** The known files that a look at everything did not come upon, without those where it could not look. */
  missing(files: ReadonlyMap<string, Seen>, blind: ReadonlyMap<string, string>): string[] {
    const unseen = [...blind.keys()];
    return [...this.#files.keys()].filter((path) => !files.has(path) && !unseen.some((each) => isWithin(path, each)));
  }
}

function unreadable(path: string, why: string, line: number | undefined): Problem {
  const origin = line === undefined ? path : `${path}:${line}:1`;
  return { code: 'unreadable', origin, message: `${path} ${why}`, hint: 'what it said before stays until it can be read again, or is deleted' };
}
