/** One line of a file of tokens, `NAME TOKEN …`. */
export interface TokenLine {
  /** `line 3`: for people. */
  readonly where: string;
  readonly name: string;
  /** Undefined where the line has one word alone. */
  readonly token: string | undefined;
  readonly rest: readonly string[];
}

/** The lines that say something: not those that are empty, or begin with #. */
export function* tokenLines(text: string): Iterable<TokenLine> {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [name = '', token, ...rest] = line.trim().split(/\s+/);
    if (name !== '' && !name.startsWith('#')) yield { where: `line ${index + 1}`, name, token, rest };
  }
}
