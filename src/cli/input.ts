import { type Command, InvalidArgumentError } from 'commander';
import { type HostPort, parseHostPort } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { parseEndpoint } from '../model/endpoint.ts';
import { parseHost } from '../model/host.ts';
import { bareName } from './object-name.ts';

/** What people type, in its canonical form, or an error before anything is sent. The daemon checks all of it again. */
function read(what: string, parse: (text: string) => string, example: string): (text: string) => string {
  return (text) => {
    try {
      return parse(text);
    } catch (thrown) {
      throw new EnvoyageError('invalid-request', `the ${what} "${text}" ${(thrown as Error).message}`, { hint: example });
    }
  };
}

export const readHost = read('host', parseHost, 'as in web.example.com, or *.example.com for every name under it');

const readOneEndpoint = read('endpoint', parseEndpoint, 'as in web-a:5678, 10.0.0.1:8080 or [fd00::1]:8080');

export function readEndpoints(texts: readonly string[]): string[] {
  return [...new Set(texts.map(readOneEndpoint))];
}

/** Services go by their host, or by an id, which may be a word that no host can be; a provider behind it is passed over. */
export function readId(text: string): string {
  const name = bareName(text);
  return /^[a-z0-9_-]+$/.test(name) ? name : readHost(name);
}

/** An address that a flag names. @param lowestPort 0 where any free port will do */
export function readAddress(flag: string, text: string, lowestPort: 0 | 1): HostPort {
  try {
    return parseHostPort(text, lowestPort);
  } catch (thrown) {
    throw new EnvoyageError('usage', `${flag} "${text}" ${(thrown as Error).message}`, { hint: `as in ${flag} 127.0.0.1:9901` });
  }
}

/** The name of a group. Its rule is the model's, which is loaded only here: zod takes longer than a whole `switch`. */
export async function readGroup(text: string, what = '--group'): Promise<string> {
  const { groupSchema } = await import('../model/common-schema.ts');
  const result = groupSchema.safeParse(text);
  if (result.success) return result.data;
  throw new EnvoyageError('usage', `${what} "${text}": ${result.error.issues[0]?.message ?? 'it is not valid'}`);
}

/** The id of an Envoy, which is free but for what would garble a terminal. */
export function readNodeId(text: string): string {
  if (text !== '' && text.length <= 253 && !/[\p{C}\p{Z}]/u.test(text)) return text;
  throw new EnvoyageError('usage', `--node-id ${JSON.stringify(text)} is not 1 to 253 characters without spaces`);
}

/** Seconds, fractions allowed. */
export function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 86_400) throw new InvalidArgumentError('It must be a number of seconds, 0 to 86400.');
  return seconds;
}

export interface WaitFlags {
  readonly timeout: number;
  /** Commander's reading of --no-wait. */
  readonly wait: boolean;
}

/** What the commands have that change something. */
export function addWaitFlags(command: Command, until = 'every connected Envoy has acknowledged it'): Command {
  return command.option('--timeout <SECONDS>', `how long to wait until ${until}`, readSeconds, 10).option('--no-wait', 'return when it is saved');
}

/** Seconds to wait, undefined for not at all. */
export function waitOf({ wait, timeout }: WaitFlags): number | undefined {
  return wait ? timeout : undefined;
}
