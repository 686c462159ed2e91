import { readFileSync } from 'node:fs';
import { startApi } from '../api/server.ts';
import type { DaemonInfo } from '../api/types.ts';
import type { Options } from '../config/options.ts';
import { isXdsOpen } from '../config/secure.ts';
import { readTokenFile } from '../config/token.ts';
import { findEnvoy } from '../envoy/find.ts';
import { EnvoyValidator } from '../envoy/validate.ts';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { loadAddon } from '../lib/assets.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { VERSION } from '../lib/version.ts';
import { isGrpcAgent } from '../model/agent.ts';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { labelTimes } from '../providers/agents/times.ts';
import { openRegistry } from '../registry/sqlite.ts';
import { Rollout } from '../rollout/rollout.ts';
import { createTranslator } from '../translator/translator.ts';
import { startXdsServer } from '../xds/server.ts';
import { followAgentTokens, openAgents } from './agents.ts';
import { Certificates } from './certificates.ts';
import { certificatesPort } from './certificates-port.ts';
import { checkedCommits, checkWish } from './checked-commits.ts';
import { Closers } from './closers.ts';
import { labelOptions } from './docker.ts';
import { dumpPort } from './dump-port.ts';
import { EnvoyCheck } from './envoy-check.ts';
import { openEvents } from './events.ts';
import { Gate, type Source } from './gate.ts';
import { groupsPort } from './groups-port.ts';
import { guardPort } from './guard-port.ts';
import { numbersOf } from './numbers.ts';
import { observedServices } from './observed-services.ts';
import { openProviders } from './providers.ts';
import { providersPort } from './providers-port.ts';
import { openPushes, pushPort } from './pushes.ts';
import { rolloutPort } from './rollout-port.ts';
import { DaemonSafety } from './safety.ts';
import { safetyPort } from './safety-port.ts';
import { openTracing } from './tracing.ts';
import { XdsFiles, xdsLimits } from './xds-security.ts';

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
 * @param sources what else fills the desired state; no Envoy is answered before each has spoken, or had its time
 * @throws EnvoyageError where the store cannot be used or an address cannot be listened on; then nothing stays open
 */
export async function startDaemon(options: Options, logger: Logger, sources: readonly Source[] = []): Promise<Daemon> {
  const closers = new Closers();
  const close = (): Promise<void> => closers.close((name, thrown) => logger.error({ err: thrown, stage: name }, 'could not be closed'));
  try {
    return await start(options, logger, sources, closers, close);
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function start(options: Options, logger: Logger, sources: readonly Source[], closers: Closers, close: () => Promise<void>): Promise<Daemon> {
  const startedAt = new Date().toISOString();
  if (options.checkWithEnvoy) await requireEnvoy(logger);

  // Watches all that follows, so it is closed last, with everything in it.
  const { tracer, close: closeTracing } = await openTracing(options, logger);
  closers.add('traces', closeTracing);

  // What people want. It comes first because it fails most often, and it is there before anyone asks.
  const registry = openRegistry({
    dataDir: options.dataDir,
    secretKeyFile: options.secretKeyFile,
    newSecretKey: options.newSecretKey,
    nativeBinding: loadAddon('better_sqlite3.node', [options.dataDir]),
    onListenerError: (thrown) => logger.error({ err: thrown }, 'a change was stored, but could not be passed on'),
  });
  closers.add('registry', () => registry.close());

  const envoyApi = loadEnvoyApi();

  // What certificates consist of: sealed in the registry, or in files that may change at any time.
  const certificates = new Certificates(registry, logger, (keys) => rollout.refresh(keys));
  certificates.open();
  closers.add('certificates', () => certificates.close());
  // Told of all that follows.
  const events = openEvents(registry);
  closers.add('events', () => events.close());
  // What holds a change up, and what is done where it was a bad one.
  const safety = new DaemonSafety(options, registry, logger, (news) => events.hub.publish(news));

  // From there to the Envoys: reads the registry, publishes snapshots by group.
  const rollout = new Rollout({
    desired: registry,
    translator: createTranslator(envoyApi),
    materials: certificates.material,
    listeners: options.listeners,
    onDemand: options.onDemand,
    ttl: options.xdsTtl,
    groups: { rules: options.groupRules, moves: registry.moves },
    safety: safety.options,
    tracer,
    onPublished: (revision) => events.rollout.onPublished(revision),
    onNode: (node, what) => {
      const { id, group, agent, address } = node;
      logger.info({ node: id, group, agent, address }, `${isGrpcAgent(agent) ? 'gRPC client' : 'envoy'} ${what}`);
      events.rollout.onNode(node, what);
    },
    onRejected: (refusal) => {
      logger.warn(refusal, 'envoy rejected an update');
      events.rollout.onRejected(refusal);
    },
  });
  events.watch(rollout);
  closers.add('rollout', () => rollout.close());
  const unlisten = registry.onCommit((revision) => {
    logger.debug({ revision: revision.number, author: revision.author, changes: revision.changes.length, trace: tracer.current()?.traceId }, 'revision');
    certificates.notice(revision);
    rollout.notice(revision);
  });
  closers.add('commits', unlisten);

  // What appears by itself: writes into the registry beside what people own, so all that watches the registry is there before.
  const remote = { agents: openAgents(options, registry, labelTimes(labelOptions(options)), logger), pushes: openPushes(registry, logger) };
  const providers = openProviders(options, registry, remote, envoyApi, logger, events);
  closers.add('providers', () => providers.stop());
  providers.start();
  remote.pushes.start(providers);
  closers.add('pushes', () => remote.pushes.stop());

  // What the registry holds is there as soon as it is open; providers that never spoke before may take a while. Until the state is
  // whole nobody is answered: the first answer to an Envoy takes away what is not in it.
  const gate = new Gate([...providers.sources(), ...sources]);
  gate.start((names) => logger.warn({ sources: names }, 'Envoys are served without sources that have not spoken yet'));
  closers.add('gate', () => gate.close());
  const files = new XdsFiles(options);
  const xds = await startXdsServer({
    address: options.xdsAddress,
    ...files.security,
    limits: xdsLimits(options),
    ready: gate.isOpen ? undefined : gate.opened,
    attach: (client) => rollout.attach(client),
    onRefused: (client) => logger.warn(client, 'an Envoy was turned away'),
    onLimited: (act) => logger.warn(act, 'a limit of xDS acted'),
  });
  closers.add('xds', () => xds.close());
  const unfollow = files.follow(({ tls, access }) => xds.secure(tls, access), logger);
  closers.add('xds files', unfollow);
  if (isXdsOpen(options)) logger.warn('whoever reaches the xDS address gets all that Envoys get: --xds-client-ca or --xds-token-file can ask who it is');

  // Asked by those who want to know before they change something; Envoys do not wait for it.
  const validator = new EnvoyValidator();
  closers.add('validator', () => validator.close());
  const envoyCheck = new EnvoyCheck(rollout.preview, envoyApi, validator, options.checkWithEnvoy);

  // Opened last: who can change something must find everything below in place. Closed first, for the same reason.
  const ports = { xds: options.xdsAdvertise.length === 0 ? [xds.address] : options.xdsAdvertise, http: options.httpAddress };
  const info = (): DaemonInfo => ({
    version: VERSION,
    startedAt,
    revision: registry.revision,
    dataDir: options.dataDir,
    xdsAddress: formatHostPort(ports.xds[0] ?? xds.address),
    xdsAddresses: ports.xds.map(formatHostPort),
    xdsTls: options.xdsTlsCert !== undefined,
    httpAddress: formatHostPort(ports.http),
    listeners: Object.fromEntries(Object.entries(options.listeners).map(([group, address]) => [group, formatHostPort(address)])),
  });
  const xdsUrl = `${options.xdsTlsCert === undefined ? 'http' : 'https'}://${formatHostPort(xds.address)}`;
  const agentTokens = options.agentTokenFile === undefined ? undefined : followAgentTokens(options.agentTokenFile, logger);
  if (agentTokens !== undefined) closers.add('agent tokens', agentTokens.close);
  const api = await startApi(
    {
      agents: remote.agents,
      push: pushPort({ pushes: remote.pushes, registry, providers, priority: options.providerPriority, check: (wish) => checkWish(wish, envoyApi) }),
      services: observedServices(registry, checkedCommits(registry, envoyApi), tracer, rollout.meters.stages.commit),
      rollout: rolloutPort(rollout, xdsUrl),
      safety: safetyPort(rollout, safety, logger),
      numbers: () => numbersOf(rollout),
      groups: groupsPort(registry.moves, rollout, logger),
      guard: guardPort(xds),
      certificates: certificatesPort(certificates),
      providers: providersPort(providers, registry.overrides, logger, events.onOverride),
      events: events.hub,
      dump: dumpPort(rollout, envoyApi, () => registry.revision),
      envoyCheck,
      backup: () => registry.backup(),
      info,
      readiness: () => ({ registry: true, xds: gate.isOpen }),
    },
    {
      address: options.httpAddress,
      tls: readTls(options.httpTlsCert, options.httpTlsKey),
      allowedHosts: options.httpAllowedHosts,
      token: options.httpTokenFile === undefined ? undefined : readTokenFile(options.httpTokenFile, '--http-token-file'),
      agentTokens: agentTokens?.tokens,
      maxBodyBytes: options.maxBodyBytes,
      tracer,
      onInternalError: (error, request) => logger.error({ err: error.cause ?? error, ...request }, 'a request failed inside'),
    },
  );
  closers.add('api', () => api.close());
  ports.http = api.address;

  return { httpAddress: api.address, xdsAddress: xds.address, info: info(), close };
}

/** @throws EnvoyageError envoy-not-found */
async function requireEnvoy(logger: Logger): Promise<void> {
  try {
    const { path, version } = await findEnvoy({ install: false });
    logger.info({ path, version }, 'every write is held against this Envoy first');
  } catch (thrown) {
    const { code, message } = EnvoyageError.from(thrown);
    const hint = 'set ENVOY_BIN to an Envoy program, or put one on the PATH; envoyage up without --check-with-envoy installs one';
    throw new EnvoyageError(code, `check-with-envoy needs an Envoy program: ${message}`, { hint, cause: thrown });
  }
}

function readTls(cert: string | undefined, key: string | undefined): { cert: Buffer; key: Buffer } | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
