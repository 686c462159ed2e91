import { isSeq, LineCounter, type Node, parseAllDocuments, type Document as YamlDocument } from 'yaml';
import { type PositionOf, positionsIn } from './positions.ts';

/** One object as somebody wrote it, not yet held against the vocabulary. */
export interface Document {
  readonly value: unknown;
  /** Where it begins, `services.yaml:12:1`. */
  readonly origin: string;
  readonly positionOf: PositionOf;
}

/** One thing that is wrong with a text. */
export interface TextFault {
  /** `services.yaml:12:3` */
  readonly origin: string;
  /** What is wrong, why, and how to mend it. */
  readonly message: string;
}

export interface Parsed {
  readonly documents: readonly Document[];
  readonly faults: readonly TextFault[];
}

/** Somebody who needs more has found a way to say little that means much. */
const MOST_ALIASES = 1000;

/**
 * Reads YAML (1.2, any number of documents, anchors and `<<` too) or JSON; a list at the top stands for its items. A document
 * that cannot be read becomes a fault, and the others are there all the same. Nothing is thrown.
 */
export function parseDocuments(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line || 1}:${col || 1}`;
  };
  let parsed: YamlDocument.Parsed[];
  try {
    const all = parseAllDocuments(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: true });
    parsed = 'empty' in all ? [] : all;
  } catch (thrown) {
    return { documents: [], faults: [{ origin: `${file}:1:1`, message: tooDeep(thrown) }] };
  }
  const documents: Document[] = [];
  const faults: TextFault[] = [];
  for (const each of parsed) {
    // What is said after the first is mostly about what the first left behind.
    const wrong = each.errors[0] ?? each.warnings[0];
    if (wrong !== undefined) faults.push({ origin: at(wrong.pos[0]), message: `this is not YAML or JSON: ${inWords(wrong.message)}` });
    else collect(each, lines, file, documents, faults);
  }
  return { documents, faults };
}

function collect(document: YamlDocument.Parsed, lines: LineCounter, file: string, documents: Document[], faults: TextFault[]): void {
  const root = document.contents as Node | null;
  if (root === null) return;
  const positions = positionsIn(document, root, lines, file);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (thrown) {
    faults.push({ origin: positions(''), message: tooDeep(thrown) });
    return;
  }
  // Nothing but comments.
  if (value === null) return;
  if (!isSeq(root) || !Array.isArray(value)) {
    documents.push({ value, origin: positions(''), positionOf: positions });
    return;
  }
  value.forEach((item: unknown, index) => {
    const positionOf = (pointer: string): string => positions(`/${index}${pointer}`);
    documents.push({ value: item, origin: positionOf(''), positionOf });
  });
}

function tooDeep(thrown: unknown): string {
  if (thrown instanceof RangeError) return 'this is nested too deeply to be read';
  return `this cannot be read: ${inWords(thrown instanceof Error ? thrown.message : String(thrown))}`;
}

/** The parser's sentences go on with what it read. */
function inWords(message: string): string {
  const [first = ''] = message.split('\n');
  return first.length > 200 ? `${first.slice(0, 200)}…` : first;
}
