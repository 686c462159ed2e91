import { existsSync } from 'node:fs';
import { engineAddress } from '../../src/providers/docker/address.ts';
import type { Container, EngineState } from '../../src/providers/docker/container.ts';
import { DockerWatcher, type WatcherOptions } from '../../src/providers/docker/watcher.ts';
import type { Health } from '../../src/providers/provider.ts';
import { waitFor } from './wait.ts';

/** A watcher, and all that it said. */
export class WatchedEngine {
  readonly watcher: DockerWatcher;
  readonly states: EngineState[] = [];
  readonly health: Health[] = [];

  /** @param host as DOCKER_HOST would name it @param env further variables that the docker command reads */
  constructor(host: string, options: Partial<WatcherOptions> = {}, env: Record<string, string> = {}) {
    const address = engineAddress({ env: { DOCKER_HOST: host, ...env }, home: '/', exists: existsSync });
    this.watcher = new DockerWatcher({ host: 'local', address, ...options });
  }

  start(): this {
    this.watcher.start({
      state: (engine) => this.states.push(engine),
      gone: (host) => {
        throw new Error(`${host} is gone`);
      },
      report: (_, health) => this.health.push(health),
    });
    return this;
  }

  get containers(): readonly Container[] {
    return this.states.at(-1)?.containers ?? [];
  }

  named(name: string): Container | undefined {
    return this.containers.find((container) => container.name === name);
  }

  /** What is told last of a container, once that holds. */
  async see(name: string, what: string, holds: (container: Container) => boolean): Promise<Container> {
    return waitFor(`${name} to be ${what}`, () => {
      const container = this.named(name);
      return container !== undefined && holds(container) ? container : undefined;
    });
  }

  async isOk(): Promise<void> {
    await waitFor('the engine to be read', () => this.health.at(-1)?.state === 'ok' && this.states.length > 0);
  }

  async isDown(): Promise<Health> {
    return waitFor('the engine to be away', () => (this.health.at(-1)?.state === 'down' ? this.health.at(-1) : undefined));
  }
}
