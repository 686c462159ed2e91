import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir, hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseJoin } from '../../agent/join.ts';
import { type AgentOptions, runAgent } from '../../agent/run.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { createLogger, LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../../lib/logger.ts';
import { readFault } from '../../lib/read-fault.ts';
import { agentNameFault } from '../../model/agent-name.ts';
import { engineAddress } from '../../providers/docker/address.ts';
import { DockerWatcher } from '../../providers/docker/watcher.ts';
import { findToken } from '../connect.ts';
import { type Io, painter, type Session } from '../io.ts';
import { listenForStop } from '../stop.ts';

interface AgentFlags {
  readonly join: string;
  readonly name?: string;
  readonly address?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly lease: number;
  readonly renew?: number;
  /** Commander's reading of --no-leave. */
  readonly leave: boolean;
  readonly insecurePlaintext?: true;
  readonly all?: true;
  readonly dockerHost?: string;
  readonly dockerTlsCa?: string;
  readonly dockerTlsCert?: string;
  readonly dockerTlsKey?: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > 3600) throw new InvalidArgumentError('It must be a whole number of seconds, 1 to 3600.');
  return value;
};

export function define(command: Command, { io }: Session): void {
  command
    .requiredOption('--join <URL>', 'the daemon to tell, as in https://control.example.com:8080')
    .option('--name <NAME>', 'what this host is called, on no other host the same (default its host name)')
    .option('--address <IP>', 'where Envoys reach the ports that containers publish here (default the address that the daemon sees)')
    .option('--token-file <FILE>', 'holds the token of this agent (env ENVOYAGE_TOKEN_FILE, or ENVOYAGE_TOKEN with the token itself)')
    .option('--ca <FILE>', "authorities of the daemon's certificate, PEM (default those of the system)")
    .option('--lease <SECONDS>', 'how long the daemon goes without hearing from this agent before what runs here drains', seconds, 30)
    .option('--renew <SECONDS>', 'how often it is told that the agent is here (default a third of the lease)', seconds)
    .option('--no-leave', 'at the end say nothing, so that nothing drains before the lease ends: for an agent that is back at once')
    .option('--insecure-plaintext', 'allow plain HTTP to another machine: whoever reads the network reads the token')
    .option('--all', 'tell of containers without labels, too: for a daemon with --docker-expose-by-default')
    .option('--docker-host <URL>', 'the engine: unix:///PATH or tcp://HOST:PORT (default DOCKER_HOST, else the socket that is there)')
    .option('--docker-tls-ca <FILE>', 'authorities of the engine, PEM: it is spoken to by TLS')
    .option('--docker-tls-cert <FILE>', 'what the engine knows the agent by, PEM')
    .option('--docker-tls-key <FILE>', 'private key of --docker-tls-cert, PEM')
    .addOption(new Option('--log-level <LEVEL>', `the least that is logged: ${LOG_LEVELS.join(', ')}`).choices(LOG_LEVELS).default('info'))
    .addOption(new Option('--log-format <FORMAT>', `${LOG_FORMATS.join(', ')}; auto is pretty on a terminal`).choices(LOG_FORMATS).default('auto'))
    .option('--json', 'errors in JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ envoyage agent --join https://control:8080 --token-file agent.token\n  $ envoyage agent --join https://10.0.0.1:8080 --ca ca.pem --name h1',
    );
  command.action(async (flags: AgentFlags) => agent(io, flags));
}

async function agent(io: Io, flags: AgentFlags): Promise<void> {
  const address = addressOf(flags, io);
  const options = optionsOf(flags, io, address.text);
  const color = painter(io.stderr, io.env)('red', '') !== '';
  const logger = createLogger({ level: flags.logLevel, format: flags.logFormat, stream: io.stderr, color });
  const stop = listenForStop(io);
  let exitCode = 1;
  try {
    await runAgent(options, new DockerWatcher({ host: options.name, address, all: flags.all === true }), logger, stop.signal);
    exitCode = 0;
  } finally {
    stop.done(exitCode);
  }
}

/** @throws EnvoyageError usage, invalid-config */
function optionsOf(flags: AgentFlags, io: Io, engine: string): AgentOptions {
  const { lease, renew = Math.max(1, Math.floor(lease / 3)), leave } = flags;
  if (lease < 2 || renew >= lease)
    throw new EnvoyageError('usage', `--renew ${renew} is not less than --lease ${lease}`, { hint: 'as in --lease 30 --renew 10' });
  if (flags.address !== undefined && isIP(flags.address) === 0)
    throw new EnvoyageError('usage', `--address "${flags.address}" is not an IP address`, { hint: 'as in --address 10.0.0.11' });
  const token = (): string | undefined => findToken(flags, io);
  token();
  return {
    server: parseJoin(flags.join, flags.insecurePlaintext === true),
    name: nameOf(flags),
    address: flags.address,
    token: latest(token),
    ca: flags.ca === undefined ? undefined : readCa(resolve(io.cwd, flags.ca)),
    lease,
    renew,
    leaves: leave,
    engine,
  };
}

/** A file that is being replaced may not be readable for a moment; the token that it had is still the best there is. */
function latest(read: () => string | undefined): () => string | undefined {
  let last: string | undefined;
  return () => {
    try {
      last = read();
    } catch {
      // The daemon says whether the one from before counts.
    }
    return last;
  };
}

function nameOf({ name = hostname().toLowerCase() }: AgentFlags): string {
  const fault = agentNameFault(name);
  if (fault !== undefined) throw new EnvoyageError('usage', `the name of this agent, "${name}", ${fault}`, { hint: 'as in --name h1' });
  return name;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new EnvoyageError('invalid-config', `--ca "${file}" ${readFault(thrown)}`, { cause: thrown });
  }
}

function addressOf({ dockerHost, dockerTlsCa, dockerTlsCert, dockerTlsKey }: AgentFlags, { env, cwd }: Io) {
  const file = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(cwd, path));
  const said = dockerTlsCa !== undefined || dockerTlsCert !== undefined;
  const tls = said ? { ca: file(dockerTlsCa), cert: file(dockerTlsCert), key: file(dockerTlsKey) } : undefined;
  return engineAddress({ host: dockerHost, tls, env, home: homedir(), exists: existsSync });
}
