import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { renderBootstrap } from '../../src/envoy/bootstrap.ts';
import type { PlainEngine } from './plain-engine.ts';
import { BINARY, cleanEnv, run } from './program.ts';
import { waitFor } from './wait.ts';

/** A program of the test, with what it logged. */
export class Running {
  readonly child: ChildProcess;
  log = '';

  constructor(program: string, args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(program, args, { env: { ...cleanEnv(), ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.alive) return;
    const gone = once(this.child, 'close');
    this.child.kill(signal);
    await gone;
  }
}

/** A host: a network namespace with an engine of its own, which reaches this machine and the other hosts. */
export class Host {
  readonly engine: PlainEngine;
  readonly name: string;
  /** Of the host, and of this machine as the host sees it. */
  readonly address: string;
  readonly gateway: string;

  private constructor(engine: PlainEngine, name: string, address: string, gateway: string) {
    this.engine = engine;
    this.name = name;
    this.address = address;
    this.gateway = gateway;
  }

  static async of(engine: PlainEngine, name: string): Promise<Host> {
    const { stdout: routes } = await engine.inside('ip', ['-4', 'route']);
    const { stdout: addresses } = await engine.inside('ip', ['-4', '-o', 'addr', 'show', 'eth0']);
    const [, gateway] = /^default via (\S+)/m.exec(routes) ?? [];
    const [, address] = /inet ([\d.]+)\//.exec(addresses) ?? [];
    if (gateway === undefined || address === undefined) throw new Error(`the network of ${name} is not as it should be: ${routes}${addresses}`);
    return new Host(engine, name, address, gateway);
  }

  /** Begins a program on the host. */
  start(program: string, args: readonly string[]): Running {
    return new Running('nsenter', [`--net=/var/run/netns/${this.engine.netns}`, program, ...args], this.engine.env);
  }

  startAgent(control: Pick<Control, 'port' | 'ca'>, more: readonly string[]): Running {
    const join = `https://${this.gateway}:${control.port}`;
    const common = ['agent', '--join', join, '--ca', control.ca, '--name', this.name, '--log-format', 'json'];
    return this.start(BINARY, [...common, ...more]);
  }

  /** An Envoy on the host that listens where `--listener` says for its group. */
  startEnvoy(bin: string, folder: string, group: string, xdsPort: number): Running {
    const file = join(folder, `${this.name}.yaml`);
    const xds = { host: this.gateway, port: xdsPort };
    writeFileSync(file, renderBootstrap({ nodeId: this.name, group, xds, admin: { host: '127.0.0.1', port: 9901 }, variant: 'delta' }));
    return this.start(bin, ['-c', file, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'info']);
  }

  /** Nothing that this host sends to the daemon arrives; its other connections are as they were. */
  async cutOff(control: Control, isCut: boolean): Promise<void> {
    const rule = ['OUTPUT', '-p', 'tcp', '-d', this.gateway, '--dport', String(control.port), '-j', 'DROP'];
    const { code, stderr } = await this.engine.inside('iptables', ['-w', isCut ? '-I' : '-D', ...rule]);
    if (code !== 0) throw new Error(stderr);
  }
}

export interface ControlOptions {
  readonly port: number;
  readonly xdsPort: number;
  readonly dataDir: string;
  /** Files: PEM, PEM, PEM, and what stands in --http-token-file. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly tokenFile: string;
  readonly agentTokenFile: string;
  readonly listeners: readonly string[];
}

/** The daemon, on this machine and reachable from the hosts: the binary, with TLS and tokens. */
export class Control {
  readonly #options: ControlOptions;
  readonly #pem: string;
  readonly #token: string;
  #running: Running | undefined;

  /** @param pem of the authority @param token of --http-token-file */
  constructor(options: ControlOptions, pem: string, token: string) {
    this.#options = options;
    this.#pem = pem;
    this.#token = token;
  }

  get port(): number {
    return this.#options.port;
  }

  get ca(): string {
    return this.#options.ca;
  }

  get log(): string {
    return this.#running?.log ?? '';
  }

  async start(): Promise<void> {
    const { port, xdsPort, dataDir, cert, key, tokenFile, agentTokenFile, listeners } = this.#options;
    const http = ['--http-address', `0.0.0.0:${port}`, '--http-tls-cert', cert, '--http-tls-key', key, '--http-token-file', tokenFile];
    const xds = ['--xds-address', `0.0.0.0:${xdsPort}`, '--xds-allow-plaintext'];
    const rest = ['--agent-token-file', agentTokenFile, '--data-dir', dataDir, '--log-format', 'json', ...listeners.flatMap((each) => ['--listener', each])];
    this.#running = new Running(BINARY, ['serve', ...http, ...xds, ...rest]);
    await waitFor('the daemon to be ready', async () => {
      if (this.#running?.alive !== true) throw new Error(`the daemon ended: ${this.log}`);
      return (await this.ask('GET', '/readyz').catch(() => undefined)) !== undefined;
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#running?.stop(signal);
  }

  /** A command of the CLI against it. */
  cli(...args: string[]): ReturnType<typeof run> {
    return run(BINARY, args, { ENVOYAGE_SERVER: `https://localhost:${this.port}`, ENVOYAGE_TOKEN: this.#token, NODE_EXTRA_CA_CERTS: this.ca });
  }

  ask<T>(method: string, path: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}` };
      const sent = request({ host: '127.0.0.1', port: this.port, servername: 'localhost', method, path, headers, ca: this.#pem, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200 ? resolve(JSON.parse(text) as T) : reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`)),
        );
      });
      sent.on('error', reject).end();
    });
  }
}
