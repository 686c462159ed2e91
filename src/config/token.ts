import { readFileSync } from 'node:fs';
import { EnvoyageError } from '../lib/errors.ts';
import { readFault } from '../lib/read-fault.ts';

/** Why `token` cannot be one, as the rest of a sentence that begins with where it came from. It travels in a header: RFC 6750 §2.1. */
export function tokenFault(token: string): string | undefined {
  if (token === '') return 'holds no token';
  if (/\s/.test(token)) return 'holds more than one word: a token has no spaces';
  if (!/^[\x21-\x7e]+$/.test(token)) return 'holds characters that a token cannot have';
  return undefined;
}

/**
 * The same for a token that Envoy sends. It checks the value of a header for commands between percent signs, and then sends it
 * as it was written: one that has a percent sign cannot be sent, doubled or not (seen with 1.36 and 1.40).
 */
export function xdsTokenFault(token: string): string | undefined {
  return tokenFault(token) ?? (token.includes('%') ? 'holds a token with a percent sign, which Envoy cannot send' : undefined);
}

/**
 * The token in a file, without the newline that editors leave.
 * @param where what named the file, as in `--token-file`
 * @throws EnvoyageError invalid-config
 */
export function readTokenFile(path: string, where: string, faultOf = tokenFault): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    throw new EnvoyageError('invalid-config', `${where} "${path}" ${readFault(thrown)}`, { cause: thrown });
  }
  const fault = faultOf(token);
  if (fault !== undefined) throw new EnvoyageError('invalid-config', `${where} "${path}" ${fault}`);
  return token;
}
