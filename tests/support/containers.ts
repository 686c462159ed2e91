import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { IMAGE, type PlainEngine } from './plain-engine.ts';

/** Where upstreams in containers listen. */
export const PORT = 8080;

/** What Node is linked against and a bare Debian lacks. */
const LIBATOMIC = / => (\S*libatomic\S*)/.exec(execFileSync('ldd', [process.execPath], { encoding: 'utf8' }))?.[1];

/** Flags of `docker run` that make a container of the plain image able to run `upstream`: the Node of the tests, and the program. */
export const UPSTREAM_FLAGS: readonly string[] = [
  ...mounted(process.execPath, '/usr/local/bin/node'),
  ...(LIBATOMIC === undefined ? [] : mounted(LIBATOMIC, '/usr/lib/libatomic.so.1')),
  ...mounted(resolve(import.meta.dirname, 'container-upstream.mjs'), '/upstream.mjs'),
];

function mounted(from: string, to: string): string[] {
  return ['--volume', `${from}:${to}:ro`];
}

/**
 * Starts a container that answers requests with its name.
 * @param flags of `docker run`: labels, networks
 * @param late for how long it takes requests after it was told to stop, milliseconds
 */
export function runUpstream(engine: PlainEngine, name: string, flags: readonly string[], late = 0): Promise<string> {
  const command = ['node', '/upstream.mjs', String(PORT), String(late)];
  return engine.docker('run', '-d', '--name', name, '--hostname', name, '--expose', String(PORT), ...flags, ...UPSTREAM_FLAGS, IMAGE, ...command);
}

/** A web server that costs little, to have many of: answers `ok` at port 80. */
export const SMALL_SERVER: readonly string[] = [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  '$s=IO::Socket::INET->new(LocalPort=>80,Listen=>50,ReuseAddr=>1);while($c=$s->accept){while(<$c>){last if /^\\r?$/}' +
    'print $c "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";close $c}',
];
