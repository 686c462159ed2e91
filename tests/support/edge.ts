import { join } from 'node:path';
import { type ENVOY_VERSIONS, testEnvoy } from './envoys.ts';
import { ask } from './load.ts';
import { freePort } from './ports.ts';
import { TestDaemon, tempDir } from './program.ts';
import { TestEnvoy } from './test-envoy.ts';

export interface EdgeOptions {
  readonly variant?: 'delta' | 'sotw';
  /** Further flags of `serve`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where something has to be before the daemon starts; it goes with the edge. */
  readonly folder?: ReturnType<typeof tempDir>;
}

/** A daemon and the one real Envoy that it leads, `edge-1`: a process each, in a folder of their own. */
export class Edge {
  readonly daemon: TestDaemon;
  readonly envoy: TestEnvoy;
  /** Where the Envoy listens. */
  readonly port: number;
  /** What the daemon keeps is in `data` in it. */
  readonly folder: string;
  readonly #remove: () => void;

  private constructor(daemon: TestDaemon, envoy: TestEnvoy, port: number, folder: ReturnType<typeof tempDir>) {
    this.daemon = daemon;
    this.envoy = envoy;
    this.port = port;
    this.folder = folder.path;
    this.#remove = folder.remove;
  }

  /** Resolves when the Envoy holds what the daemon has. */
  static async start(
    version: (typeof ENVOY_VERSIONS)[number],
    { variant = 'delta', flags = [], env = {}, folder = tempDir() }: EdgeOptions = {},
  ): Promise<Edge> {
    const bin = await testEnvoy(version);
    const port = await freePort();
    const daemon = await TestDaemon.create({ dataDir: join(folder.path, 'data'), listeners: [`127.0.0.1:${port}`], flags, env });
    const envoy = await TestEnvoy.create({ bin, folder: folder.path, nodeId: 'edge-1', xdsPort: daemon.xdsPort, variant });
    const edge = new Edge(daemon, envoy, port, folder);
    try {
      await daemon.start();
      envoy.start();
      await envoy.inSync(daemon);
      return edge;
    } catch (thrown) {
      await edge.stop();
      throw thrown;
    }
  }

  /** Who answers for the host: the body of an answer with status 200, the status of any other. */
  async answers(host: string): Promise<string> {
    const { status, body } = await ask(this.port, host);
    return status === 200 ? body.trim() : String(status);
  }

  /** Both end, and all that is in the folder is gone. */
  async stop(): Promise<void> {
    await this.envoy.stop();
    await this.daemon.stop();
    this.#remove();
  }
}
