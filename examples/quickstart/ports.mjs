/**
 * Who listens on which TCP port of this machine.
 *
 *   node ports.mjs free NAME=PORT…   exits with 1 and says which port is taken, and by whom where that can be told
 *   node ports.mjs owner PORT        prints the process id that listens there; exits with 1 where that cannot be told
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

const LISTENING = '0A';

/** Inodes of the sockets whose local port is `port`; the format is described in the kernel's proc_net_tcp.rst. */
function socketInodes(port, isWanted) {
  const inodes = new Set();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOrEmpty(table).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (isWanted(state) && Number.parseInt(local.split(':').at(-1), 16) === port) inodes.add(`socket:[${inode}]`);
    }
  }
  return inodes;
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function listOrEmpty(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function holds(pid, inodes) {
  return listOrEmpty(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  });
}

/** The process that holds one of the sockets; undefined where there is none, or it is another user's. */
function holder(inodes) {
  return inodes.size === 0 ? undefined : listOrEmpty('/proc').find((pid) => /^\d+$/.test(pid) && holds(pid, inodes));
}

/** The process that listens on `port`; undefined where that cannot be told. */
function owner(port) {
  const pid = holder(socketInodes(port, (state) => state === LISTENING));
  if (pid !== undefined || process.platform === 'linux') return pid;
  try {
    const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return output.split('\n')[0] || undefined;
  } catch {
    return undefined;
  }
}

function commandOf(pid) {
  const command = readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  if (command !== '') return command;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', pid], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function fault(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen({ port, host }, () => server.close(() => resolve(undefined)));
  });
}

async function whyTaken(port) {
  for (const host of ['127.0.0.1', '::1']) {
    const code = await fault(port, host);
    // EADDRNOTAVAIL, EAFNOSUPPORT: this machine has no IPv6.
    if (code !== undefined && !(host === '::1' && code !== 'EADDRINUSE')) return code;
  }
  return undefined;
}

/** Who has the port: a listener, or a connection that was given the port by chance. */
function by(port) {
  const listener = owner(port);
  const pid = listener ?? holder(socketInodes(port, () => true));
  if (pid === undefined) return '';
  return ` by ${listener === undefined ? 'a connection of ' : ''}process ${pid} (${commandOf(pid).slice(0, 120)})`;
}

async function free(ports) {
  let taken = 0;
  for (const [name, portText] of ports.map((pair) => pair.split('='))) {
    const port = Number(portText);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      console.error(`${name}=${portText} is no port: give a number from 1 to 65535`);
      taken++;
      continue;
    }
    const code = await whyTaken(port);
    if (code === undefined) continue;
    taken++;
    console.error(code === 'EADDRINUSE' ? `port ${port} (${name}) is in use${by(port)}` : `port ${port} (${name}) cannot be listened on: ${code}`);
  }
  return taken === 0 ? 0 : 1;
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'free') {
  process.exitCode = await free(rest);
} else if (verb === 'owner' && rest.length === 1) {
  const pid = owner(Number(rest[0]));
  if (pid === undefined) process.exitCode = 1;
  else console.log(pid);
} else {
  console.error('usage: node ports.mjs free NAME=PORT… | owner PORT');
  process.exitCode = 2;
}
