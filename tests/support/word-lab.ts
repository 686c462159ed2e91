import { request } from 'node:http';
import { expect } from 'vitest';
import type { Seen } from './endpoint.ts';
import { type ENVOY_VERSIONS, testEnvoy } from './envoys.ts';
import { freePort } from './ports.ts';
import { TestDaemon, tempDir } from './program.ts';
import { TestEnvoy } from './test-envoy.ts';

export interface Met {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Who answered, and what it saw. */
  seen(): Seen;
}

/** A daemon with an Envoy, for services of the test. */
export class WordLab {
  readonly daemon: TestDaemon;
  readonly envoy: TestEnvoy;
  readonly port: number;
  readonly #folder: ReturnType<typeof tempDir>;

  private constructor(daemon: TestDaemon, envoy: TestEnvoy, port: number, folder: ReturnType<typeof tempDir>) {
    this.daemon = daemon;
    this.envoy = envoy;
    this.port = port;
    this.#folder = folder;
  }

  static async start(version: (typeof ENVOY_VERSIONS)[number], variant: 'delta' | 'sotw'): Promise<WordLab> {
    const folder = tempDir();
    const port = await freePort();
    const daemon = await TestDaemon.create({ dataDir: `${folder.path}/data`, listeners: [`127.0.0.1:${port}`] });
    const envoy = await TestEnvoy.create({ bin: await testEnvoy(version), folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort, variant });
    const lab = new WordLab(daemon, envoy, port, folder);
    try {
      await daemon.start();
      envoy.start();
      await envoy.inSync(daemon);
      return lab;
    } catch (thrown) {
      await lab.stop();
      throw thrown;
    }
  }

  /** Sets the service, and returns when the Envoy has it. */
  async put(host: string, words: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await this.daemon.send('PUT', `/api/v1/services/${host}?wait=acked&timeout=60`, { host, ...words });
    const body = (await answer.json()) as object;
    expect(body).toMatchObject({ rollout: { state: 'live', nodes: 1, acked: 1 } });
  }

  /** One request, on a connection of its own. */
  ask(host: string, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<Met> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: this.port, path, headers: { ...headers, host }, agent: false, timeout: 30_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, seen: () => JSON.parse(text) as Seen }));
        response.on('error', reject);
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer in 30 s')));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** How many of the requests each endpoint answered. @throws Error where one of them failed */
  async shares(host: string, requests: number): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (let i = 0; i < requests; i++) {
      const { status, text, seen } = await this.ask(host);
      if (status !== 200) throw new Error(`request ${i} was answered with ${status}: ${text}`);
      const { name } = seen();
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** A request for /stream, when its first line is there. */
  async stream(host: string): Promise<{ readonly first: Seen; readonly rest: Promise<string> }> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: this.port, path: '/stream', headers: { host }, agent: false }, (response) => {
        let text = '';
        const rest = new Promise<string>((end, failed) => {
          response.on('end', () => end(text.slice(text.indexOf('\n') + 1)));
          response.on('error', failed);
        });
        rest.catch(() => undefined);
        response.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          const line = text.indexOf('\n');
          if (line >= 0) resolve({ first: JSON.parse(text.slice(0, line)) as Seen, rest });
        });
        response.on('end', () => reject(new Error(`status ${response.statusCode}: ${text}`)));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    await this.daemon.stop();
    this.#folder.remove();
  }
}
