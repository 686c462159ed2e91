import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Edit } from '../model/edit.ts';
import type { Service } from '../model/service.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';

/** What the tests of this room share. */

export function service(id: string, endpoint = 'web-a:5678', more: Partial<Service> = {}): Service {
  return { id, host: id, endpoints: [endpoint], ...more };
}

export function create(id: string, endpoint?: string, more?: Partial<Service>): Edit {
  return { op: 'create', service: service(id, endpoint, more) };
}

export function put(id: string, endpoint?: string, more?: Partial<Service>): Edit {
  return { op: 'put', service: service(id, endpoint, more) };
}

/** A folder of its own, gone when disposed of (`using`). */
export function tempDir(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'envoyage-registry-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A registry in a folder of its own; both gone when disposed of. */
export function opened(): Disposable & { readonly registry: Registry } {
  const dir = tempDir();
  const registry = openRegistry({ dataDir: dir.path });
  return {
    registry,
    [Symbol.dispose]: () => {
      registry.close();
      dir[Symbol.dispose]();
    },
  };
}

export interface Child {
  readonly process: ChildProcess;
  /** The next line that it prints. */
  line(): Promise<string>;
  /** All lines to its end, and the exit code. */
  rest(): Promise<{ lines: string[]; code: number | null }>;
}

/** Starts testkit.child.ts, behind `wrapper` where given (`unshare …`). Its errors go to this process's. */
export function startChild(args: readonly string[], wrapper: readonly string[] = []): Child {
  const [command = '', ...more] = [...wrapper, process.execPath, join(import.meta.dirname, 'testkit.child.ts'), ...args];
  const child = spawn(command, more, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the child ended early');
      return value;
    },
    rest: async () => {
      const all: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next()) all.push(next.value);
      const [code] = await ended;
      return { lines: all, code };
    },
  };
}
