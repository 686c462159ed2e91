import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Options } from '../config/options.ts';
import type { Logger } from '../lib/logger.ts';
import { LOCAL_HOST } from '../model/agent-name.ts';
import { type EngineAddress, engineAddress } from '../providers/docker/address.ts';
import type { EngineSource } from '../providers/docker/engines.ts';
import { LABEL_DEFAULTS, type LabelOptions } from '../providers/docker/label-options.ts';
import { DockerProvider } from '../providers/docker/provider.ts';
import { type EngineMemory, RememberedEngine } from '../providers/docker/remembered.ts';
import { DockerWatcher } from '../providers/docker/watcher.ts';
import type { Registry } from '../registry/registry.ts';

/**
 * What the labels of containers declare: those of this machine's engine, and those that agents tell of. One provider, so that a service
 * has endpoints wherever its containers run; none where neither is asked for.
 * @throws EnvoyageError invalid-config where no engine can be at the address that was given
 */
export function dockerProviders(options: Options, agents: EngineSource | undefined, registry: Pick<Registry, 'deposits'>, logger: Logger): DockerProvider[] {
  if (!options.docker) return agents === undefined ? [] : [new DockerProvider({ sources: [agents], labels: labelOptions(options), source: 'agents' })];
  const address = localAddress(options);
  const watcher = new DockerWatcher({
    host: LOCAL_HOST,
    address,
    published: options.dockerAddress,
    all: options.dockerExposeByDefault,
    reconcile: options.dockerReconcileSeconds * 1000,
  });
  if (agents === undefined) return [new DockerProvider({ sources: [watcher], labels: labelOptions(options), source: address.text })];
  const local = new RememberedEngine(watcher, LOCAL_HOST, memoryIn(registry), (thrown) =>
    logger.error({ err: thrown }, 'what the engine said could not be kept, or read again'),
  );
  return [new DockerProvider({ sources: [local, agents], labels: labelOptions(options), source: `${address.text}, agents` })];
}

function memoryIn({ deposits }: Pick<Registry, 'deposits'>): EngineMemory {
  return {
    load: () => deposits.list('engine').find(({ name }) => name === LOCAL_HOST)?.body,
    save: (body) => deposits.put({ kind: 'engine', name: LOCAL_HOST, body, ttl: undefined, by: 'docker@provider', at: new Date().toISOString() }),
  };
}

export function labelOptions({ dockerExposeByDefault, dockerNetwork }: Options): LabelOptions {
  return { ...LABEL_DEFAULTS, enabledByDefault: dockerExposeByDefault, network: dockerNetwork };
}

/** The engine's, by the options and the variables that the docker command reads. @throws EnvoyageError invalid-config */
function localAddress({ dockerHost, dockerTlsCa, dockerTlsCert, dockerTlsKey }: Options): EngineAddress {
  const said = dockerTlsCa !== undefined || dockerTlsCert !== undefined;
  const tls = said ? { ca: dockerTlsCa, cert: dockerTlsCert, key: dockerTlsKey } : undefined;
  return engineAddress({ host: dockerHost, tls, env: process.env, home: homedir(), exists: existsSync });
}
