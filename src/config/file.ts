import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { systemCode } from '../lib/errors.ts';
import { readFault } from '../lib/read-fault.ts';
import { type Fault, invalidConfig, type Source } from './source.ts';

export interface FileValue {
  readonly raw: unknown;
  readonly source: Source;
}

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** In the order of the file. */
  readonly values: ReadonlyMap<string, FileValue>;
}

/**
 * The file that was named, else envoyage.yaml in `cwd`, else the system's; undefined where there is none of those.
 * @throws EnvoyageError invalid-config where it cannot be read or is not a YAML map, with every fault's line and column
 */
export function findConfigFile({
  named,
  cwd,
  system,
}: {
  named: { path: string; where: string } | undefined;
  cwd: string;
  system: string;
}): ConfigFile | undefined {
  if (named !== undefined) return readConfigFile(resolve(cwd, named.path), named.path, named.where);
  return readConfigFile(join(cwd, 'envoyage.yaml'), 'envoyage.yaml') ?? readConfigFile(system, system);
}

function readConfigFile(path: string, shownPath: string, named?: string): ConfigFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (named === undefined && systemCode(thrown) === 'ENOENT') return undefined;
    throw invalidConfig([{ name: 'config', message: `${named === undefined ? '' : `${named}: `}${shownPath} ${readFault(thrown)}` }]);
  }
  return { path, values: parseConfig(text, shownPath) };
}

/** The keys and values of a YAML map with where each stands, as `file:line:column`. */
export function parseConfig(text: string, file: string): ReadonlyMap<string, FileValue> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const faults = document.errors.map((error): Fault => ({ name: '', message: `${at(error.pos[0])}: ${error.message}` }));
  if (faults.length > 0) throw invalidConfig(faults, 'quote values that hold colons or brackets, as in http-address: "[::1]:8080"');
  const values = new Map<string, FileValue>();
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return values;
  if (!isMap(root))
    throw invalidConfig([{ name: '', message: `${at(root.range?.[0] ?? 0)}: the file must be a map of options, as in http-address: 127.0.0.1:8080` }]);
  for (const { key, value } of (root as YAMLMap<Node, Node | null>).items) {
    const where = at((isEmpty(value) ? key : value).range?.[0] ?? 0);
    const entries = entryPositions(value, at);
    values.set(String(isScalar(key) ? key.value : key), {
      raw: value === null ? null : value.toJS(document),
      source: { from: 'file', where, ...(entries === undefined ? {} : { entries }) },
    });
  }
  return values;
}

/** The position of an absent value is that of whatever follows, so its key's says more. */
function isEmpty(value: Node | null): value is null {
  return value === null || (isScalar(value) && value.value === null);
}

function entryPositions(value: Node | null, at: (offset: number) => string): ReadonlyMap<string, string> | undefined {
  if (value === null || !('items' in value)) return undefined;
  const positions = new Map<string, string>();
  for (const [index, item] of (value.items as unknown[]).entries()) {
    const pair = isMap(value) ? (item as { key: Node; value: Node | null }) : undefined;
    const node = pair === undefined ? (item as Node) : isEmpty(pair.value) ? pair.key : pair.value;
    positions.set(pair !== undefined && isScalar(pair.key) ? String(pair.key.value) : String(index), at(node.range?.[0] ?? 0));
  }
  return positions;
}
