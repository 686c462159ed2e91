import { createHash } from 'node:crypto';
import { agentNameFault } from '../model/agent-name.ts';
import { tokenFault } from './token.ts';
import { tokenLines } from './token-lines.ts';

/** One line of `agent-token-file`. */
export interface AgentToken {
  /** The agent that it speaks for, `*` for any. */
  readonly name: string;
  /** SHA-256 of the token; the token itself is not kept. */
  readonly hash: Buffer;
}

/**
 * Reads `NAME TOKEN`, one token a line; lines that begin with # are comments. A name may be there more than once, as it is
 * while a token is replaced by another.
 * @throws Error that says what is wrong, as the rest of a sentence that begins with the file; never with a token in it
 */
export function parseAgentTokens(text: string): AgentToken[] {
  if (text.trim() === '') throw new Error('holds no token: write NAME TOKEN, one a line; to take all away leave a comment (#)');
  const tokens = new Map<string, AgentToken>();
  for (const { where, name, token, rest } of tokenLines(text)) {
    if (token === undefined) throw new Error(`has only one word on ${where}: write NAME TOKEN, or * TOKEN for any agent`);
    if (rest.length > 0) throw new Error(`has more than two words on ${where}: write NAME TOKEN`);
    // Whatever it is, it may be a token that stands in the wrong place.
    if (name !== '*' && agentNameFault(name) !== undefined) throw new Error(`begins ${where} with something that no agent can be called`);
    const fault = tokenFault(token);
    if (fault !== undefined) throw new Error(`${fault}, on ${where}`);
    const hash = createHash('sha256').update(token).digest();
    const key = hash.toString('hex');
    if (tokens.has(key)) throw new Error(`has the token of ${where} twice: each agent has one of its own, or all share that of *`);
    tokens.set(key, { name, hash });
  }
  return [...tokens.values()];
}
