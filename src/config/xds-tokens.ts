import { createHash } from 'node:crypto';
import { groupSchema } from '../model/common-schema.ts';
import { xdsTokenFault } from './token.ts';
import { tokenLines } from './token-lines.ts';

/** One line of `xds-token-file`. */
export interface XdsToken {
  readonly name: string;
  /** SHA-256 of the token; the token itself is not kept. */
  readonly hash: Buffer;
  readonly groups: readonly string[] | 'any';
}

/**
 * Reads `NAME TOKEN GROUP…`, one token a line; `*` for any group; lines that begin with # are comments. A name may be there
 * more than once, as it is while a token is replaced by another.
 * @throws Error that says what is wrong, as the rest of a sentence that begins with the file; never with a token in it
 */
export function parseXdsTokens(text: string): XdsToken[] {
  if (text.trim() === '') throw new Error('holds no token: write NAME TOKEN GROUP…, one a line; to take all away leave a comment (#)');
  const tokens = new Map<string, XdsToken>();
  for (const { where, name, token, rest: groups } of tokenLines(text)) {
    if (token === undefined) throw new Error(`has only one word on ${where}: write NAME TOKEN GROUP…`);
    const fault = xdsTokenFault(token);
    if (fault !== undefined) throw new Error(`${fault}, on ${where}`);
    if (groups.length === 0) throw new Error(`names no group on ${where}: write NAME TOKEN GROUP…, or * for any group`);
    const wrong = groups.find((group) => group !== '*' && !groupSchema.safeParse(group).success);
    // Whatever it is, it may be a token that stands in the wrong place.
    if (wrong !== undefined) throw new Error(`has a group on ${where} that cannot be one: 1 to 128 letters, digits, dots, hyphens or underscores`);
    const hash = createHash('sha256').update(token).digest();
    const key = hash.toString('hex');
    if (tokens.has(key)) throw new Error(`has the token of ${where} twice`);
    tokens.set(key, { name, hash, groups: groups.includes('*') ? 'any' : groups });
  }
  return [...tokens.values()];
}

/** The first token of the file that lets a node of `group` in; for an Envoy that runs beside the daemon. */
export function tokenForGroup(text: string, group: string): string | undefined {
  for (const { token, rest } of tokenLines(text)) if (rest.includes('*') || rest.includes(group)) return token;
  return undefined;
}
