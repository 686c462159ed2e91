import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeList } from '../../src/api/types.ts';
import { renderBootstrap } from '../../src/envoy/bootstrap.ts';
import { freePort } from './ports.ts';
import type { TestDaemon } from './program.ts';
import { waitFor } from './wait.ts';

export interface TestEnvoyOptions {
  /** Path of the program. */
  readonly bin: string;
  readonly folder: string;
  readonly nodeId: string;
  readonly group?: string;
  readonly xdsPort: number;
  /** Of further daemons, for when those before are gone. */
  readonly xdsOtherPorts?: readonly number[];
  readonly variant?: 'delta' | 'sotw';
  /** A bootstrap of one's own; `{ADMIN}` and `{XDS}` stand for the ports. */
  readonly bootstrap?: string;
}

/** Of /config_dump (envoy.admin.v3.ClustersConfigDump). */
interface Dumped {
  readonly cluster: { readonly name: string };
}

/** A real Envoy of the test. */
export class TestEnvoy {
  readonly #options: TestEnvoyOptions;
  readonly adminPort: number;
  #child: ChildProcess | undefined;
  log = '';

  private constructor(options: TestEnvoyOptions, adminPort: number) {
    this.#options = options;
    this.adminPort = adminPort;
  }

  static async create(options: TestEnvoyOptions): Promise<TestEnvoy> {
    return new TestEnvoy(options, await freePort());
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    const { bin, folder, nodeId, group = 'default', xdsPort, xdsOtherPorts = [], variant = 'delta', bootstrap } = this.#options;
    const here = (port: number) => ({ host: '127.0.0.1', port });
    const text =
      bootstrap?.replaceAll('{ADMIN}', String(this.adminPort)).replaceAll('{XDS}', String(xdsPort)) ??
      renderBootstrap({ nodeId, group, xds: here(xdsPort), xdsOthers: xdsOtherPorts.map(here), admin: here(this.adminPort), variant });
    const file = join(folder, `${nodeId}.yaml`);
    writeFileSync(file, text);
    const child = spawn(bin, ['-c', file, '--disable-hot-restart', '--concurrency', '2', '--log-level', 'info'], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (lines: string) => {
      this.log += lines;
    });
    this.#child = child;
  }

  /** Has it stop where it is, or go on. */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.alive) return;
    const gone = once(child, 'close');
    this.freeze(false);
    child.kill('SIGTERM');
    const hurry = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(hurry);
  }

  async stat(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.adminPort}/stats?filter=^${encodeURIComponent(name)}$`)).text();
    return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
  }

  /** The names of the clusters that it has from the daemon, those that are still warming too. */
  async clusters(): Promise<string[]> {
    const dump = (await (await fetch(`http://127.0.0.1:${this.adminPort}/config_dump`)).json()) as {
      configs: { dynamic_active_clusters?: Dumped[]; dynamic_warming_clusters?: Dumped[] }[];
    };
    const all = dump.configs.flatMap((config) => [...(config.dynamic_active_clusters ?? []), ...(config.dynamic_warming_clusters ?? [])]);
    return all.map(({ cluster }) => cluster.name).toSorted();
  }

  /** Waits until the daemon says that this Envoy has its listener and everything else. */
  async inSync(daemon: TestDaemon): Promise<void> {
    const { nodeId } = this.#options;
    await waitFor(`${nodeId} to be in sync`, async () => {
      const { nodes } = await daemon.get<NodeList>('/api/v1/nodes');
      const ready = await fetch(`http://127.0.0.1:${this.adminPort}/ready`).catch(() => undefined);
      return ready?.ok && nodes.some(({ id, state }) => id === nodeId && state === 'in-sync');
    });
  }
}
