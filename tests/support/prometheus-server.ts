import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const INSTALL = resolve(import.meta.dirname, '../prometheus/install');

let folder: Promise<string> | undefined;

/** The folder of `prometheus` and `promtool`, fetched on first use. */
export function prometheusFolder(): Promise<string> {
  folder ??= promisify(execFile)(INSTALL).then(({ stdout }) => stdout.trim());
  return folder;
}

/** Runs promtool; what it says is in the error where it finds a fault. */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(join(await prometheusFolder(), 'promtool'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`promtool ${args.join(' ')} found a fault:\n${said}`);
  return said;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** At the time of the query. */
  readonly value: number;
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A real Prometheus that scrapes one daemon every second. */
export class PrometheusServer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(child: ChildProcess, dir: string, url: string) {
    this.#child = child;
    this.#folder = dir;
    this.#url = url;
  }

  static async start(target: string, rules: string): Promise<PrometheusServer> {
    const dir = mkdtempSync(join(tmpdir(), 'envoyage-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'envoyage', static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(config));
    const port = await freePort();
    const args = [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
    const child = spawn(join(await prometheusFolder(), 'prometheus'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const server = new PrometheusServer(child, dir, `http://127.0.0.1:${port}`);
    try {
      await waitFor('Prometheus to be ready', async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Prometheus ended: ${log}`);
        return (await fetch(`${server.#url}/-/ready`).catch(() => undefined))?.ok;
      });
    } catch (thrown) {
      await server.close();
      throw thrown;
    }
    return server;
  }

  /** @throws Error where it is not a query */
  async query(expression: string): Promise<Series[]> {
    const response = await fetch(`${this.#url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expression }) });
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return (answer.data?.result ?? []).map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
  }

  async rules(): Promise<Rule[]> {
    const answer = (await (await fetch(`${this.#url}/api/v1/rules`)).json()) as { data: { groups: { rules: Rule[] }[] } };
    return answer.data.groups.flatMap(({ rules }) => rules);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'close');
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
