import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { canonicalIp } from '../../lib/address.ts';
import { EnvoyageError, systemCode } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import type { Pair } from '../dev-ca.ts';
import { readHost } from '../input.ts';
import type { Io, Session } from '../io.ts';

interface CertsFlags {
  readonly dir: string;
  readonly days?: number;
  readonly json?: true;
}

/** Browsers take none from an authority of one's own that last longer than 825 days; less is enough to develop with. */
const DAYS = { ca: 3650, issue: 90, most: 36_500 };

const EXAMPLES = `
Examples:
  $ envoyage certs ca
  $ envoyage certs issue web.example.com '*.example.com' 127.0.0.1
  $ curl --cacert ca.crt https://web.example.com`;

export function define(command: Command, { io }: Session): void {
  command
    .addArgument(new Argument('<what>', 'ca: an authority; issue: a certificate of it').choices(['ca', 'issue']))
    .argument('[host...]', 'issue: the names and addresses that it is for; the first one names the files')
    .option('--dir <DIR>', 'where the files are, and are written', '.')
    .option('--days <N>', `how long it is valid (default ca ${DAYS.ca}, issue ${DAYS.issue})`, readDays)
    .option('--json', 'print it as JSON, errors too')
    .addHelpText('after', EXAMPLES)
    .action((what: 'ca' | 'issue', hosts: string[], flags: CertsFlags) => certs(io, what, hosts, flags));
}

async function certs(io: Io, what: 'ca' | 'issue', said: readonly string[], flags: CertsFlags): Promise<void> {
  const dir = resolve(io.cwd, flags.dir);
  const span = { now: io.now(), days: flags.days ?? DAYS[what] };
  // The library takes a while to load, and is only needed here.
  const { issue, makeAuthority } = await import('../dev-ca.ts');
  if (what === 'ca') {
    if (said.length > 0) throw new EnvoyageError('usage', 'an authority is for no host', { hint: `envoyage certs issue ${said.join(' ')}` });
    if (read(join(dir, 'ca.crt')) !== undefined || read(join(dir, 'ca.key')) !== undefined) {
      throw new EnvoyageError('usage', `there is an authority in ${dir}: who trusts it would not trust another one`, {
        hint: `use it, as in envoyage certs issue web.example.com, or move ca.crt and ca.key away`,
      });
    }
    report(io, flags, write(dir, 'ca', await makeAuthority('Envoyage development CA', span)));
    return;
  }
  const hosts = [...new Set(said.map((host) => canonicalIp(host) ?? readHost(host)))];
  const [first] = hosts;
  if (first === undefined) throw new EnvoyageError('usage', 'a certificate is for at least one host', { hint: 'envoyage certs issue web.example.com' });
  const [cert, key] = [read(join(dir, 'ca.crt')), read(join(dir, 'ca.key'))];
  if (cert === undefined || key === undefined) {
    const inDir = flags.dir === '.' ? '' : ` --dir ${flags.dir}`;
    throw new EnvoyageError('usage', `there is no authority in ${dir}: ${cert === undefined ? 'ca.crt' : 'ca.key'} is missing`, {
      hint: `envoyage certs ca${inDir}`,
    });
  }
  let issued: Pair;
  try {
    issued = await issue({ cert, key }, hosts, span);
  } catch (thrown) {
    throw new EnvoyageError('usage', `the authority in ${dir} cannot be used: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}`, {
      hint: 'move ca.crt and ca.key away, and make another with envoyage certs ca',
      cause: thrown,
    });
  }
  report(io, flags, write(dir, fileName(first), issued));
}

/** `*` and `:` are no good in names of files. */
function fileName(host: string): string {
  return host.replace(/^\*/, '_wildcard').replaceAll(':', '_');
}

/** Each file appears whole, for its owner alone; the daemon, which follows such files, never reads half of one. */
function write(dir: string, name: string, { cert, key }: Pair): { cert: string; key: string } {
  const paths = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const [path, text] of [
      [paths.key, key],
      [paths.cert, cert],
    ] as const) {
      const draft = `${path}.${process.pid}.new`;
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
      renameSync(draft, path);
    }
  } catch (thrown) {
    throw new EnvoyageError('usage', `${dir} cannot be written: ${systemCode(thrown) ?? String(thrown)}`, {
      hint: 'choose another with --dir DIR',
      cause: thrown,
    });
  }
  return paths;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw new EnvoyageError('usage', `${path} cannot be read: ${systemCode(thrown) ?? String(thrown)}`, {
      hint: 'choose another folder with --dir DIR',
      cause: thrown,
    });
  }
}

function report(io: Io, { json }: CertsFlags, paths: { cert: string; key: string }): void {
  if (json) writeJson(io, paths);
  else io.stdout.write(`${paths.cert}\n${paths.key}\n`);
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1 && days <= DAYS.most) return days;
  throw new EnvoyageError('usage', `--days "${text}" is not a whole number from 1 to ${DAYS.most}`, { hint: 'envoyage certs issue web.example.com --days 90' });
}
