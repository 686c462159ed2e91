/** One import of a file: by `import`, `export … from`, `import()`, of values or of types alike. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/**
 * The text with comments blanked out and the insides of strings kept, so that what is left is code and keeps its lines.
 * A regular expression is told from a division by what stands before it, which is enough for formatted code.
 */
export function withoutComments(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:;!&|?{}\n[]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*\//g;
  return text.replace(token, (found) => (found.startsWith('//') || found.startsWith('/*') ? found.replace(/[^\n]/g, ' ') : found));
}

const STATIC = /^\s*(?:import|export)\b[^'"`;=]*?\bfrom\s*(['"])([^'"\n]+)\1|^\s*import\s*(['"])([^'"\n]+)\3/gm;
const DYNAMIC = /\bimport\s*\(\s*(?:(['"`])([^'"`\n]+)\1\s*[,)])?/g;

/** What a dynamic import whose specifier cannot be read is listed as. */
export const UNREADABLE = '(not a literal)';

export function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const imports: Import[] = [];
  const lineAt = (index: number): number => code.slice(0, index).split('\n').length;
  for (const match of code.matchAll(STATIC)) imports.push({ specifier: match[2] ?? match[4] ?? '', line: lineAt(match.index + match[0].length) });
  for (const match of code.matchAll(DYNAMIC)) imports.push({ specifier: match[2] ?? UNREADABLE, line: lineAt(match.index) });
  return imports;
}
