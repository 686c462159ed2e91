import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readTokenFile, tokenFault } from '../config/token.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { type Client, createClient } from './client.ts';
import type { Io } from './io.ts';

export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

export interface ClientFlags {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** What every command has that talks to the daemon. */
export function addClientFlags(command: Command): Command {
  return command
    .option('--server <URL>', `the daemon to talk to (default ${DEFAULT_SERVER}; env ENVOYAGE_SERVER)`)
    .option('--token-file <FILE>', 'holds the token that it asks for (env ENVOYAGE_TOKEN_FILE, or ENVOYAGE_TOKEN with the token itself)')
    .option('--json', 'answer in JSON, errors too');
}

/** @throws EnvoyageError usage for a wrong URL, invalid-config for a token that cannot be one */
export function connect(flags: ClientFlags, io: Io, answerMs?: number): Client {
  const token = findToken(flags, io);
  const server = findServer(flags, io);
  return createClient({ server, token, author: author(), ...(answerMs === undefined ? {} : { answerMs }) });
}

function findServer({ server }: ClientFlags, { env }: Io): string {
  const [where, url] = server !== undefined ? ['--server', server] : ['ENVOYAGE_SERVER', env.ENVOYAGE_SERVER || DEFAULT_SERVER];
  const hint = `as in ${where === '--server' ? '--server ' : 'ENVOYAGE_SERVER='}${DEFAULT_SERVER}`;
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) throw new EnvoyageError('usage', `${where} "${url}" is not an http:// or https:// URL`, { hint });
  const { search, hash, username, password } = new URL(url);
  if (search + hash + username + password !== '') throw new EnvoyageError('usage', `${where} must be a URL without user, query and fragment`, { hint });
  return url.replace(/\/+$/, '');
}

/** Of the flags, else of the environment. @throws EnvoyageError invalid-config */
export function findToken({ tokenFile }: Pick<ClientFlags, 'tokenFile'>, { env, cwd }: Io): string | undefined {
  if (tokenFile !== undefined) return readTokenFile(resolve(cwd, tokenFile), '--token-file');
  if (env.ENVOYAGE_TOKEN_FILE) return readTokenFile(resolve(cwd, env.ENVOYAGE_TOKEN_FILE), 'ENVOYAGE_TOKEN_FILE');
  const token = env.ENVOYAGE_TOKEN;
  if (!token) return undefined;
  const fault = tokenFault(token);
  if (fault !== undefined) throw new EnvoyageError('invalid-config', `ENVOYAGE_TOKEN ${fault}`);
  return token;
}

/** `ann@laptop`. Header values are ASCII here; in a container the user often has a number and no name. */
function author(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = `uid-${process.getuid?.() ?? 'unknown'}`;
  }
  return `${user}@${hostname()}`.replace(/[^\x21-\x7e]/g, '?');
}
