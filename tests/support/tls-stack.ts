import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Certificates } from '../../src/daemon/certificates.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Wish } from '../../src/model/kinds.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { Rollout } from '../../src/rollout/rollout.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { startXdsServer, type XdsServer } from '../../src/xds/server.ts';
import type { Store } from '../../src/xds/store.ts';
import { type ENVOY_VERSIONS, testEnvoy } from './envoys.ts';
import { freePort } from './ports.ts';
import { tempDir } from './program.ts';
import { TestEnvoy } from './test-envoy.ts';
import { waitFor } from './wait.ts';

/** The ways in which an Envoy can ask. */
export const WAYS = ['ads-delta', 'ads-sotw', 'separate-delta', 'separate-sotw'] as const;
export type Way = (typeof WAYS)[number];

const SEPARATE = resolve(import.meta.dirname, '../../envoy/bootstrap-separate.yaml');

/** Registry, rollout and xDS server of the daemon, put together as it does, and an Envoy that follows. */
export class TlsStack {
  readonly folder = tempDir();
  readonly registry: Registry;
  readonly rollout: Rollout;
  readonly certificates: Certificates;
  readonly #envoys: TestEnvoy[] = [];
  #server: XdsServer | undefined;
  #store: Store | undefined;

  private constructor(listener: number) {
    this.registry = openRegistry({ dataDir: join(this.folder.path, 'data') });
    const logger = createLogger({ level: 'silent', format: 'json' });
    this.certificates = new Certificates(this.registry, logger, (keys) => this.rollout.refresh(keys));
    this.rollout = new Rollout({
      desired: this.registry,
      translator: createTranslator(loadEnvoyApi()),
      materials: this.certificates.material,
      listeners: { default: { host: '127.0.0.1', port: listener } },
    });
    this.registry.onCommit((revision) => {
      this.certificates.notice(revision);
      this.rollout.notice(revision);
    });
  }

  static async start(): Promise<TlsStack> {
    const stack = new TlsStack(await freePort());
    stack.#server = await startXdsServer({
      address: { host: '127.0.0.1', port: 0 },
      attach: (client) => {
        const attachment = stack.rollout.attach(client);
        stack.#store = attachment.store;
        return attachment;
      },
    });
    return stack;
  }

  apply(...wishes: readonly Wish[]): void {
    this.registry.commit(
      wishes.map((wish) => ({ op: 'apply', wish })),
      'test',
    );
  }

  remove(...keys: readonly string[]): void {
    this.registry.commit(
      keys.map((key) => ({ op: 'remove', key })),
      'test',
    );
  }

  /** What the Envoy that came is served from. */
  get store(): Store {
    if (this.#store === undefined) throw new Error('no Envoy has come');
    return this.#store;
  }

  /** Follows when it is returned. */
  async envoy(version: (typeof ENVOY_VERSIONS)[number], way: Way = 'ads-delta'): Promise<TestEnvoy> {
    const xdsPort = this.#server?.address.port ?? 0;
    const [flavour, variant] = way.split('-') as ['ads' | 'separate', 'delta' | 'sotw'];
    const envoy = await TestEnvoy.create({
      bin: await testEnvoy(version),
      folder: this.folder.path,
      nodeId: 'node-1',
      xdsPort,
      variant,
      ...(flavour === 'ads' ? {} : { bootstrap: separateBootstrap(variant) }),
    });
    this.#envoys.push(envoy);
    envoy.start();
    await this.inSync();
    return envoy;
  }

  /** Waits until Envoy has taken, or refused, all that there is. */
  async inSync(state: 'in-sync' | 'rejected' = 'in-sync'): Promise<void> {
    await this.rollout.progress(this.registry.revision);
    await waitFor(`Envoy to be ${state}`, () => this.rollout.nodes().some((node) => node.id === 'node-1' && node.state === state));
  }

  async close(): Promise<void> {
    for (const envoy of this.#envoys) await envoy.stop();
    await this.#server?.close();
    this.rollout.close();
    this.certificates.close();
    this.registry.close();
    this.folder.remove();
  }
}

function separateBootstrap(variant: 'delta' | 'sotw'): string {
  return readFileSync(SEPARATE, 'utf8')
    .replace('id: envoy-1', 'id: node-1')
    .replaceAll('api_type: GRPC', variant === 'delta' ? 'api_type: DELTA_GRPC' : 'api_type: GRPC')
    .replace('address: envoyage', 'address: 127.0.0.1')
    .replace('port_value: 9090', 'port_value: {XDS}')
    .replace('port_value: 9901', 'port_value: {ADMIN}');
}
