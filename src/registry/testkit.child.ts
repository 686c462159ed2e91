/** Another process for the tests of this room: `node testkit.child.ts MODE DATA-DIR`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { EnvoyageError } from '../lib/errors.ts';
import { openRegistry } from './sqlite.ts';

const [mode = '', dir = ''] = process.argv.slice(2);

/** Written at once, whole: a line that the parent read is one that this process got to. */
const print = (line: string): unknown => writeSync(1, `${line}\n`);

function report(thrown: unknown): void {
  if (!(thrown instanceof EnvoyageError)) throw thrown;
  print(JSON.stringify({ code: thrown.code, message: thrown.message, hint: thrown.hint }));
}

const endpoints = ['web-a:5678'];
const commit = (registry: ReturnType<typeof openRegistry>, id: string): unknown =>
  registry.commit([{ op: 'create', service: { id, host: id, endpoints } }], 'child');

const modes: Record<string, () => void> = {
  /** Opens, says so, and holds it until it is ended. */
  hold: () => {
    const registry = openRegistry({ dataDir: dir });
    print('open');
    process.stdin.on('end', () => registry.close()).resume();
  },
  /** Opens, and says how that went. */
  open: () => {
    try {
      openRegistry({ dataDir: dir }).close();
      print('"open"');
    } catch (thrown) {
      report(thrown);
    }
  },
  /** Opens, says how that went, and stays until it is ended either way. */
  raceHold: () => {
    process.stdin.resume();
    try {
      const registry = openRegistry({ dataDir: dir });
      process.stdin.on('end', () => registry.close());
      print('open');
    } catch (thrown) {
      report(thrown);
    }
  },
  /** As `open`, as the user nobody where this is root: permission bits do not bind root. */
  openAsNobody: () => {
    new Database(':memory:').close();
    if (process.getuid?.() === 0) {
      process.setgroups?.([]);
      process.setgid?.(65534);
      process.setuid?.(65534);
    }
    modes.open?.();
  },
  /** Commits one by one, for ever, and prints the id of each that was confirmed. */
  write: () => {
    const registry = openRegistry({ dataDir: dir });
    for (let i = registry.revision; ; i++) {
      commit(registry, `s${i}.example.com`);
      print(`s${i}.example.com`);
    }
  },
  /** Commits twenty, and dies of it. */
  writeAndDie: () => {
    const registry = openRegistry({ dataDir: dir });
    for (let i = 0; i < 20; i++) commit(registry, `early${i}.example.com`);
    process.kill(process.pid, 'SIGKILL');
  },
  /** In a mount namespace of its own, on a disk of 1 MB: a restart on a full disk after a crash, room again, full again. */
  fill: () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
    const dataDir = join(dir, 'data');
    spawnSync(process.execPath, [process.argv[1] ?? '', 'writeAndDie', dataDir]);
    const ballast = join(dir, 'ballast');
    try {
      writeFileSync(ballast, Buffer.alloc(2 ** 21));
    } catch {}

    try {
      openRegistry({ dataDir: join(dir, 'new') });
    } catch (thrown) {
      report(thrown);
    }
    let registry = openRegistry({ dataDir });
    const tell = (): unknown => print(JSON.stringify({ size: registry.size, revision: registry.revision, listed: [...registry.list()].length }));
    const writeUntilFull = (): void => {
      try {
        for (let i = 0; i < 100_000; i++) commit(registry, `s${registry.revision}.example.com`);
      } catch (thrown) {
        report(thrown);
      }
      tell();
    };
    tell();
    writeUntilFull();
    rmSync(ballast);
    writeUntilFull();
    registry.close();
    registry = openRegistry({ dataDir });
    tell();
    registry.close();
  },
};

modes[mode]?.();
