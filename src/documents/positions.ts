import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type LineCounter, type Node, type Document as YamlDocument } from 'yaml';

/** Turns a JSON pointer (RFC 6901) into a place in the text; '' is the whole. */
export type PositionOf = (pointer: string) => string;

/**
 * Where in the text the parts of a document stand, as `file:line:column`, counted from 1. What is not there is where the nearest
 * thing around it begins. A value that is a map or a list is where its key is: it may begin on another line.
 */
export function positionsIn(document: YamlDocument.Parsed, root: Node, lines: LineCounter, file: string): PositionOf {
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  return (pointer) => {
    let node: unknown = root;
    let offset = root.range?.[0] ?? 0;
    for (const part of partsOf(pointer)) {
      const found = step(isAlias(node) ? node.resolve(document) : node, part);
      if (found === undefined) break;
      node = found.value;
      offset = found.offset ?? offset;
    }
    return at(offset);
  };
}

function partsOf(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function step(node: unknown, part: string): { value: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === part);
    if (!isPair(pair)) return undefined;
    const place = isBlank(pair.value) || isCollection(pair.value) ? pair.key : pair.value;
    return { value: pair.value, offset: startOf(place) };
  }
  if (!isSeq(node)) return undefined;
  const value = node.items[Number(part)];
  return value === undefined ? undefined : { value, offset: startOf(value) };
}

function startOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node ? (node as Node).range?.[0] : undefined;
}

/** The place of an absent value is that of whatever follows. */
function isBlank(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
