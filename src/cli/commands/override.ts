import { type Command, InvalidArgumentError } from 'commander';
import { EnvoyageError } from '../../lib/errors.ts';
import { parseDuration } from '../../model/duration.ts';
import { createChanges, report, widthOf, writeJson } from '../change.ts';
import type { NewOverride } from '../client.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addWaitFlags, readEndpoints, readId, type WaitFlags } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';
import { describeOverride, renderOverrides } from '../override-text.ts';
import { count, printable } from '../words.ts';

interface OverrideFlags extends ClientFlags, WaitFlags {
  readonly drain?: true;
  readonly disable?: true;
  readonly healthy?: true;
  readonly weight?: number;
  readonly for?: string;
  readonly reason?: string;
  readonly clear?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('[service]', 'a service that a provider declares; without one, all overrides are listed')
    .argument('[endpoint]', 'one of its endpoints, ADDRESS:PORT; without one, all of them')
    .option('--drain', 'no new requests, those under way end there')
    .option('--disable', 'as if it were not there')
    .option('--healthy', 'neither of both, whatever the provider says')
    .option('--weight <NUMBER>', 'its share of the requests, 1 to 1000', readWeight)
    .option('--for <DURATION>', 'end by itself after this time, as in 30m or 1h (default never)', readTime)
    .option('--reason <TEXT>', 'why, for those who find it later')
    .option('--clear', 'take it away again, or all of the service')
    .addHelpText(
      'after',
      '\nExamples:\n  $ envoyage override\n  $ envoyage override shop.web 10.0.0.1:80 --drain --for 1h --reason kernel\n  $ envoyage override shop.web --clear',
    );
  addClientFlags(addWaitFlags(command)).action(async (service: string | undefined, endpoint: string | undefined, flags: OverrideFlags) => {
    session.exitCode = await override(session.io, service, endpoint, flags);
  });
}

function readWeight(text: string): number {
  const weight = Number(text);
  if (!/^\d+$/.test(text) || weight < 1 || weight > 1000) throw new InvalidArgumentError('It must be a whole number, 1 to 1000; --disable takes one out.');
  return weight;
}

function readTime(text: string): string {
  try {
    return parseDuration(text);
  } catch (thrown) {
    throw new InvalidArgumentError(`It ${(thrown as Error).message}.`);
  }
}

async function override(io: Io, service: string | undefined, endpoint: string | undefined, flags: OverrideFlags): Promise<ExitCode> {
  const said = sayingOf(flags);
  if (service === undefined) {
    if (said !== undefined || flags.clear) throw new EnvoyageError('usage', 'the service is missing', { hint: 'envoyage override SERVICE [ENDPOINT] --drain' });
    return list(io, flags);
  }
  const id = readId(service);
  const [address] = endpoint === undefined ? [] : readEndpoints([endpoint]);
  const place = `${id}${address === undefined ? '' : ` ${address}`}`;
  if (flags.clear === true && said === undefined) return clear(io, id, address, flags);
  if (said === undefined || flags.clear === true) {
    const message = said === undefined ? 'what to lay over it is missing' : '--clear takes an override away, the other options lay one';
    throw new EnvoyageError('usage', message, { hint: `envoyage override ${place} --drain; or --disable, --healthy, --weight NUMBER, --clear` });
  }
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.putOverride(id, { ...(address === undefined ? {} : { endpoint: address }), ...said }, wait),
    (written) => ({ what: describeOverride(written.override), kind: 'set' }),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}

/** Undefined where the flags say nothing of an override. */
function sayingOf({ drain, disable, healthy, weight, for: ttl, reason }: OverrideFlags): Omit<NewOverride, 'endpoint'> | undefined {
  const states = [...(drain ? ['draining' as const] : []), ...(disable ? ['disabled' as const] : []), ...(healthy ? ['healthy' as const] : [])];
  const [state] = states;
  if (states.length > 1) throw new EnvoyageError('usage', 'only one of --drain, --disable and --healthy can hold');
  if (state === undefined && weight === undefined) {
    if (ttl === undefined && reason === undefined) return undefined;
    throw new EnvoyageError('usage', '--for and --reason go with what to lay over it', { hint: 'envoyage override SERVICE [ENDPOINT] --drain --for 1h' });
  }
  return {
    ...(state === undefined ? {} : { state }),
    ...(weight === undefined ? {} : { weight }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function list(io: Io, flags: OverrideFlags): Promise<ExitCode> {
  const answer = await connect(flags, io).overrides();
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  if (flags.json) writeJson(io, answer);
  else io.stdout.write(renderOverrides(answer, { width, now: io.now(), paint: painter(io.stdout, io.env) }));
  return EXIT.ok;
}

async function clear(io: Io, service: string, endpoint: string | undefined, flags: OverrideFlags): Promise<ExitCode> {
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.clearOverrides(service, endpoint, wait),
    ({ cleared }) => ({ what: printable(`${count(cleared.length, 'override')} of ${service} cleared`), kind: 'set' }),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}
