import { didYouMean } from '../lib/nearest.ts';
import { groupSchema } from './common-schema.ts';
import { globMatches } from './glob.ts';

/** What a rule may look at. `metadata` is `node.metadata` of the bootstrap, as JSON has it. */
export interface NodeFacts {
  readonly id: string;
  readonly cluster: string;
  /** Called only where a rule needs it. */
  metadata(): Metadata;
}

export type Metadata = ReadonlyMap<string, MetadataValue>;
/** `undefined` stands for what no rule can match: null and lists. */
export type MetadataValue = string | number | boolean | Metadata | undefined;

/** Nodes that match belong to `group`. `text` is the rule as it was written. */
export type GroupRule = { readonly text: string; readonly group: string; readonly pattern: string } & (
  | { readonly by: 'id' | 'cluster' }
  /** The keys on the way to the value, split at dots. */
  | { readonly by: 'metadata'; readonly path: readonly string[] }
);

const KINDS = ['id', 'cluster', 'metadata'];

/** A rule is written by hand: far more than anybody needs. */
const MOST_LENGTH = 1024;
const MOST_KEYS = 16;

/**
 * Reads `GROUP=id:PATTERN`, `GROUP=cluster:PATTERN` or `GROUP=metadata:KEY.KEY=PATTERN`, where `*` in a pattern stands for
 * any text, none included.
 * @throws Error whose message says what is wrong with the text, without repeating it
 */
export function parseGroupRule(text: string): GroupRule {
  if (text.length > MOST_LENGTH) throw new Error(`is longer than ${MOST_LENGTH} characters`);
  const equals = text.indexOf('=');
  const group = text.slice(0, Math.max(0, equals));
  if (equals < 0) throw new Error('names no group: write GROUP=id:PATTERN');
  const checked = groupSchema.safeParse(group);
  if (!checked.success) throw new Error(`begins with ${JSON.stringify(group.slice(0, 40))}, but ${checked.error.issues[0]?.message ?? 'that is no group'}`);
  const condition = text.slice(equals + 1);
  const colon = condition.indexOf(':');
  const by = condition.slice(0, Math.max(0, colon));
  if (!KINDS.includes(by)) {
    const said = colon < 0 ? `lacks what to look at after "${group}="` : `looks at "${by.slice(0, 40)}", which is none of them${didYouMean(by, KINDS)}`;
    throw new Error(`${said}: write ${group}=id:PATTERN, ${group}=cluster:PATTERN or ${group}=metadata:KEY=PATTERN`);
  }
  const rest = condition.slice(colon + 1);
  if (by !== 'metadata') {
    if (rest === '') throw new Error(`lacks a pattern after "${by}:"; * matches everything`);
    return { text, group, by: by as 'id' | 'cluster', pattern: rest };
  }
  const at = rest.indexOf('=');
  if (at < 0) throw new Error(`lacks a value: write ${group}=metadata:KEY=PATTERN; * matches every value`);
  const path = rest.slice(0, at).split('.');
  if (path.includes('')) throw new Error('has an empty key: write metadata:KEY=PATTERN, or KEY.KEY where one is inside of the other');
  if (path.length > MOST_KEYS) throw new Error(`has more than ${MOST_KEYS} keys`);
  return { text, group, by, pattern: rest.slice(at + 1), path };
}

/** The first rule that the node matches. */
export function matchingRule(rules: readonly GroupRule[], node: NodeFacts): GroupRule | undefined {
  return rules.find((rule) => {
    if (rule.by === 'metadata') return someValue(node.metadata(), rule.path, rule.pattern);
    return globMatches(rule.pattern, node[rule.by]);
  });
}

/** A key may have dots itself (`app.example.com/role`): each way to read the path is tried, the longest key first. */
function someValue(metadata: Metadata, path: readonly string[], pattern: string): boolean {
  for (let keys = path.length; keys > 0; keys--) {
    const value = metadata.get(path.slice(0, keys).join('.'));
    if (value === undefined) continue;
    if (keys === path.length ? valueMatches(value, pattern) : typeof value === 'object' && someValue(value, path.slice(keys), pattern)) return true;
  }
  return false;
}

/** Numbers match by their value as well: `1.0` is 1. */
function valueMatches(value: MetadataValue, pattern: string): boolean {
  if (value === undefined || typeof value === 'object') return false;
  if (globMatches(pattern, String(value))) return true;
  return typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(pattern) && Number(pattern) === value;
}
