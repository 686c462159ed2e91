import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { VERSION } from '../lib/version.ts';
import type { EngineSource } from '../providers/docker/engines.ts';
import type { Health } from '../providers/provider.ts';
import { instanceOf } from './instance.ts';
import { Link } from './link.ts';
import { createTransport } from './transport.ts';

export interface AgentOptions {
  readonly server: URL;
  readonly name: string;
  /** Where other hosts reach published ports; unless it is said, the daemon takes where the agent speaks from. */
  readonly address: string | undefined;
  /** Asked before each request. */
  token(): string | undefined;
  /** PEM */
  readonly ca: string | undefined;
  /** Seconds, as the next. */
  readonly lease: number;
  readonly renew: number;
  /** Whether it says goodbye when it is asked to end, so that its endpoints drain at once. */
  readonly leaves: boolean;
  /** Where the engine is, for people. */
  readonly engine: string;
}

/** A goodbye that takes longer is none: the lease ends by itself. */
const GOODBYE_MS = 5000;

/** An answer that takes longer than this, milliseconds, or than a third of the lease, is none. */
const ANSWER_MS = 10_000;

/** Tells the daemon of an engine until `signal` fires. */
export async function runAgent(options: AgentOptions, source: EngineSource, logger: Logger, signal: AbortSignal): Promise<void> {
  const { server, name, address, lease, renew, engine, leaves } = options;
  const run = Date.now();
  const instance = instanceOf(engine, `${name}\n${run}`);
  const transport = createTransport({ ...options, answerMs: Math.min(ANSWER_MS, Math.max(1000, Math.round((lease * 1000) / 3))) });
  /** Whether the daemon has ever answered well. */
  let isKnown = false;
  const onFault = (fault: EnvoyageError | undefined): void => {
    isKnown ||= fault === undefined;
    if (fault === undefined) logger.info({ server: server.origin, agent: name }, 'the daemon knows this host');
    else logger.error({ server: server.origin, agent: name, code: fault.code, hint: fault.hint }, fault.message);
  };
  const onEngine = ({ state, message }: Health): void => {
    if (state === 'ok') logger.info({ engine }, 'the engine is read again');
    else logger.error({ engine, state }, message ?? 'the engine cannot be read');
  };
  const link = new Link({ instance, run, version: VERSION, address, lease, renew, onFault, onEngine }, transport);
  logger.info({ server: server.origin, agent: name, engine, lease, instance }, 'the agent begins');
  source.start(link);
  try {
    await link.run(signal);
    if (leaves) await goodbye(link, isKnown, logger);
  } finally {
    transport.close();
    await source.stop();
  }
}

async function goodbye(link: Link, isKnown: boolean, logger: Logger): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the daemon does not answer')), GOODBYE_MS);
  try {
    await Promise.race([link.leave(), late.promise]);
    logger.info('the agent said goodbye: what runs here drains');
  } catch (thrown) {
    const { code, message } = EnvoyageError.from(thrown);
    if (!isKnown || code === 'agent-not-found') logger.info({ reason: message }, 'the agent ends; the daemon had nothing of it');
    else logger.warn({ reason: message }, 'the agent could not say goodbye: what runs here drains when the lease ends');
  } finally {
    clearTimeout(timer);
  }
}
