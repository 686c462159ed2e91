import { readFileSync } from 'node:fs';
import { EnvoyageError } from '../lib/errors.ts';
import { readFault } from './read-fault.ts';

/** Why `token` cannot be one, as the rest of a sentence that begins with where it came from. It travels in a header: RFC 6750 §2.1. */
export function tokenFault(token: string): string | undefined {
  if (token === '') return 'holds no token';
  if (/\s/.test(token)) return 'holds more than one word: a token has no spaces';
  if (!/^[\x21-\x7e]+$/.test(token)) return 'holds characters that a token cannot have';
  return undefined;
}

/**
 * The token in a file, without the newline that editors leave.
 * @param where what named the file, as in `--token-file`
 * @throws EnvoyageError invalid-config
 */
export function readTokenFile(path: string, where: string): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    throw new EnvoyageError('invalid-config', `${where} "${path}" ${readFault(thrown)}`, { cause: thrown });
  }
  const fault = tokenFault(token);
  if (fault !== undefined) throw new EnvoyageError('invalid-config', `${where} "${path}" ${fault}`);
  return token;
}
