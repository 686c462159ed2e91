import type { Value } from './label-values.ts';

/** A word as a label said it. */
export interface Said {
  readonly value: Value;
  readonly label: string;
  /** As it stands in the label. */
  readonly text: string;
}

/** What labels say of one service, by word in its one form: `path.exact`, `header.x-version`, `route.api.path`. */
export class Words {
  readonly #said: ReadonlyMap<string, Said>;
  /** What its labels begin with: `envoyage.`, or `envoyage.web.`. */
  readonly prefix: string;

  constructor(said: ReadonlyMap<string, Said>, prefix: string) {
    this.#said = said;
    this.prefix = prefix;
  }

  entries(): Iterable<readonly [word: string, said: Said]> {
    return this.#said.entries();
  }

  said(word: string): Said | undefined {
    return this.#said.get(word);
  }

  text(word: string): string | undefined {
    const value = this.#said.get(word)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  number(word: string): number | undefined {
    const value = this.#said.get(word)?.value;
    return typeof value === 'number' ? value : undefined;
  }

  flag(word: string): boolean | undefined {
    const value = this.#said.get(word)?.value;
    return typeof value === 'boolean' ? value : undefined;
  }

  list(word: string): readonly string[] | undefined {
    const value = this.#said.get(word)?.value;
    return typeof value === 'object' ? value : undefined;
  }

  /** The words that go on after `prefix`, by what follows it, sorted. */
  family(prefix: string): readonly (readonly [name: string, said: Said])[] {
    const found: [string, Said][] = [];
    for (const [word, said] of this.#said) if (word.startsWith(prefix)) found.push([word.slice(prefix.length), said]);
    return found.length < 2 ? found : found.toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The first of the words that is there. */
  anyOf(words: readonly string[]): Said | undefined {
    const found = words.find((word) => this.#said.has(word));
    return found === undefined ? undefined : this.#said.get(found);
  }
}

/** True where both say the same. */
export function sameValue(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
