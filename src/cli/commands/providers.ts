import type { Command } from 'commander';
import type { ProviderDone } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { didYouMean, nearest } from '../../lib/nearest.ts';
import { createChanges, report, widthOf, writeJson } from '../change.ts';
import type { ProviderAction } from '../client.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';
import type { Outcome } from '../outcome.ts';
import { objectsText, renderProvider, renderProviders } from '../provider-text.ts';
import { printable } from '../words.ts';

interface ProvidersFlags extends ClientFlags, WaitFlags {
  readonly all?: true;
}

const ACTIONS: readonly ProviderAction[] = ['pause', 'resume', 'resync'];

export function define(command: Command, session: Session): void {
  command
    .argument('[name]', 'one provider, to see all of it; or what to do: pause, resume or resync')
    .argument('[provider]', 'the provider that is paused, resumed or read anew')
    .option('--all', 'list every problem and every object, however many there are')
    .addHelpText(
      'after',
      '\nA provider that is paused declares nothing new; what it declared stays.\n\nExamples:\n  $ envoyage providers\n  $ envoyage providers docker\n  $ envoyage providers resync docker',
    );
  addClientFlags(addWaitFlags(command)).action(async (first: string | undefined, second: string | undefined, flags: ProvidersFlags) => {
    session.exitCode = await providers(session.io, first, second, flags);
  });
}

async function providers(io: Io, first: string | undefined, second: string | undefined, flags: ProvidersFlags): Promise<ExitCode> {
  const action = ACTIONS.find((each) => each === first);
  if (action !== undefined && second !== undefined) return act(io, action, second, flags);
  if (first !== undefined && second !== undefined) throw noAction(first, second);
  if (action !== undefined) throw new EnvoyageError('usage', 'the name of the provider is missing', { hint: `envoyage providers ${action} NAME` });
  const client = connect(flags, io);
  // What goes into a pipe is searched by line: there, nothing is wrapped.
  const width = io.stdout.isTTY === true ? widthOf(io) : Number.POSITIVE_INFINITY;
  const view = { all: flags.all === true, width, now: io.now(), paint: painter(io.stdout, io.env) };
  const answer = first === undefined ? await client.providers() : await client.provider(first);
  if (flags.json) writeJson(io, answer);
  else io.stdout.write('providers' in answer ? renderProviders(answer, view) : renderProvider(answer, view));
  return EXIT.ok;
}

function noAction(first: string, second: string): EnvoyageError {
  // Who says `docker resync` means `resync docker`.
  const swapped = ACTIONS.find((each) => each === second);
  const message = swapped === undefined ? `there is no action "${printable(first)}"${didYouMean(first, ACTIONS)}` : `${swapped} comes before the name`;
  const hint = `envoyage providers ${swapped ?? nearest(first, ACTIONS) ?? 'resync'} ${printable(swapped === undefined ? second : first)}`;
  return new EnvoyageError('usage', message, { hint: swapped === undefined ? `${hint}; the actions are ${ACTIONS.join(', ')}` : hint });
}

async function act(io: Io, action: ProviderAction, name: string, flags: ProvidersFlags): Promise<ExitCode> {
  const { answer, outcome } = await createChanges(io, flags).apply(
    // Until it has read its source there is no revision to be asked about: all of the time is given to that at once.
    (client, wait) => client.actOnProvider(name, action, wait === undefined ? undefined : flags.timeout),
    ({ provider }) => {
      const has = Object.keys(provider.objects).length === 0 ? 'nothing is declared' : objectsText(provider);
      return { what: printable(`${name} ${action === 'resync' ? 'is read anew' : 'goes on'}: ${has}`), kind: 'set' };
    },
  );
  const said = saidOf(action, name, answer) ?? outcome;
  if (!flags.json) return report(io, said);
  writeJson(io, answer);
  return said.exitCode;
}

/** Where there is more to say than how far it is live. */
function saidOf(action: ProviderAction, name: string, { provider, synced, rollout }: ProviderDone): Outcome | undefined {
  if (action === 'pause')
    return { text: printable(`${name} is paused; what it declared stays as it is`), exitCode: EXIT.ok, hint: `envoyage providers resume ${name} goes on` };
  if (action === 'resync' && provider.state === 'down') {
    const why = provider.message === undefined ? '' : `: ${provider.message}`;
    return { text: printable(`${name} cannot read its source${why}`), exitCode: EXIT.failed, hint: 'what was read last stays, and it goes on trying' };
  }
  if (action === 'resync' && synced === false)
    return { text: printable(`${name} has not published yet`), exitCode: EXIT.timeout, hint: `it goes on by itself; envoyage providers ${name} tells when` };
  if (action === 'resync' && provider.state === 'paused')
    return { text: printable(`${name} is read anew, and is paused`), exitCode: EXIT.ok, hint: `envoyage providers resume ${name} takes over what it declares` };
  if (rollout !== undefined) return undefined;
  return { text: printable(`${name} ${action === 'resync' ? 'reads its source anew' : 'goes on'}`), exitCode: EXIT.ok };
}
