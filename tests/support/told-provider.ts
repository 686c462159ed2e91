import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declaration, Health, Problem, Provider, Sink } from '../../src/providers/provider.ts';

/** The global thing by which modules find those that are meant. */
const PLACE = 'envoyage.test.told';
const known = new Map<string, ToldProvider>();
Object.defineProperty(globalThis, Symbol.for(PLACE), { value: known, configurable: true });

/** A provider that a test tells what to say, for a daemon in the same process. */
export class ToldProvider implements Provider {
  readonly name: string;
  readonly source = 'a test';
  /** How often it was told to read its source anew. */
  resyncs = 0;
  #sink: Sink | undefined;
  #objects: readonly Declaration[] = [];
  #problems: readonly Problem[] = [];
  /** Why its source cannot be read, where it cannot. */
  #down: string | undefined;
  /** While true it does nothing when it is told to read anew, as one that takes long. */
  isSlow = false;

  constructor(name: string) {
    this.name = name;
  }

  /** A module that `--provider-module` takes, and that is this one. */
  moduleIn(folder: string): string {
    const file = join(folder, `${this.name}.cjs`);
    known.set(file, this);
    writeFileSync(file, `module.exports = () => globalThis[Symbol.for('${PLACE}')].get(${JSON.stringify(file)});\n`);
    return file;
  }

  /** Has it declare these, and have these problems. */
  say(objects: readonly unknown[], problems: readonly Problem[] = []): void {
    this.#objects = objects.map((object, i) => ({ object, origin: `place ${i + 1}` }));
    this.#problems = problems;
    this.#publish();
  }

  /** @param down why its source cannot be read; undefined where it can again */
  away(down: string | undefined): void {
    this.#down = down;
    this.#publish();
  }

  report(health: Health): void {
    this.#sink?.report(health);
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#publish();
  }

  resync(): void {
    this.resyncs++;
    if (!this.isSlow) this.#publish();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
  }

  #publish(): void {
    if (this.#down === undefined) this.#sink?.publish({ objects: this.#objects, problems: this.#problems });
    else this.#sink?.report({ state: 'down', message: this.#down });
  }
}
