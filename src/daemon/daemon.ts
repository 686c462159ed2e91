import { readFileSync } from 'node:fs';
import { startApi } from '../api/server.ts';
import type { DaemonInfo } from '../api/types.ts';
import type { Options } from '../config/options.ts';
import { readTokenFile } from '../config/token.ts';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { loadAddon } from '../lib/assets.ts';
import type { Logger } from '../lib/logger.ts';
import { VERSION } from '../lib/version.ts';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { openRegistry } from '../registry/sqlite.ts';
import { Rollout } from '../rollout/rollout.ts';
import { createTranslator } from '../translator/translator.ts';
import { startXdsServer } from '../xds/server.ts';
import { Closers } from './closers.ts';
import { rolloutPort } from './rollout-port.ts';

export interface Daemon {
  readonly httpAddress: HostPort;
  readonly xdsAddress: HostPort;
  readonly info: DaemonInfo;
  /** Shuts down in reverse order. Envoys keep serving what they have. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * The daemon, put together in the way data takes: registry → rollout (translator) → xDS, and the API in front of the
 * registry. Each stage reads only those above it.
 * @throws EnvoyageError where the store cannot be used or an address cannot be listened on; then nothing stays open
 */
export async function startDaemon(options: Options, logger: Logger): Promise<Daemon> {
  const closers = new Closers();
  const close = (): Promise<void> => closers.close((name, thrown) => logger.error({ err: thrown, stage: name }, 'could not be closed'));
  try {
    return await start(options, logger, closers, close);
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function start(options: Options, logger: Logger, closers: Closers, close: () => Promise<void>): Promise<Daemon> {
  const startedAt = new Date().toISOString();

  // What people want. It comes first because it fails most often, and it is there before anyone asks.
  const registry = openRegistry({
    dataDir: options.dataDir,
    nativeBinding: loadAddon('better_sqlite3.node', [options.dataDir]),
    onListenerError: (thrown) => logger.error({ err: thrown }, 'a change was stored, but could not be passed on'),
  });
  closers.add('registry', () => registry.close());

  // From there to the Envoys: reads the registry, publishes snapshots by group.
  const rollout = new Rollout({
    desired: registry,
    translator: createTranslator(loadEnvoyApi()),
    listeners: options.listeners,
    onDemand: options.onDemand,
    onNode: (node, what) => logger.info({ node: node.id, group: node.group, agent: node.agent, address: node.address }, `envoy ${what}`),
    onRejected: (refusal) => logger.warn(refusal, 'envoy rejected an update'),
  });
  closers.add('rollout', () => rollout.close());
  const unlisten = registry.onCommit((revision) => {
    logger.debug({ revision: revision.number, author: revision.author, changes: revision.changes.length }, 'revision');
    rollout.notice(revision);
  });
  closers.add('commits', unlisten);

  // The state is whole as soon as the registry is open, so the first answer an Envoy gets is never an empty one.
  const xds = await startXdsServer({
    address: options.xdsAddress,
    tls: readTls(options.xdsTlsCert, options.xdsTlsKey),
    attach: (client) => rollout.attach(client),
    onRefused: (client) => logger.warn(client, 'a discovery stream was refused'),
  });
  closers.add('xds', () => xds.close());

  // Opened last: who can change something must find everything below in place. Closed first, for the same reason.
  const ports = { xds: options.xdsAdvertise ?? xds.address, http: options.httpAddress };
  const info = (): DaemonInfo => ({
    version: VERSION,
    startedAt,
    revision: registry.revision,
    dataDir: options.dataDir,
    xdsAddress: formatHostPort(ports.xds),
    xdsTls: options.xdsTlsCert !== undefined,
    httpAddress: formatHostPort(ports.http),
    listeners: Object.fromEntries(Object.entries(options.listeners).map(([group, address]) => [group, formatHostPort(address)])),
  });
  const xdsUrl = `${options.xdsTlsCert === undefined ? 'http' : 'https'}://${formatHostPort(xds.address)}`;
  const api = await startApi(
    { services: registry, rollout: rolloutPort(rollout, xdsUrl), info, readiness: () => ({ registry: true, xds: true }) },
    {
      address: options.httpAddress,
      tls: readTls(options.httpTlsCert, options.httpTlsKey),
      allowedHosts: options.httpAllowedHosts,
      token: options.httpTokenFile === undefined ? undefined : readTokenFile(options.httpTokenFile, '--http-token-file'),
      maxBodyBytes: options.maxBodyBytes,
      onInternalError: (error, request) => logger.error({ err: error.cause ?? error, ...request }, 'a request failed inside'),
    },
  );
  closers.add('api', () => api.close());
  ports.http = api.address;

  return { httpAddress: api.address, xdsAddress: xds.address, info: info(), close };
}

function readTls(cert: string | undefined, key: string | undefined): { cert: Buffer; key: Buffer } | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
