import type { Command } from 'commander';
import type { PushAnswer } from '../../api/types.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { applyBody, readDeclared } from '../declared.ts';
import { EXIT } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import { type Io, painter, type Session } from '../io.ts';
import { describeResults, writeResults } from '../results-text.ts';
import { count, duration, printable } from '../words.ts';

interface PushFlags extends ClientFlags, WaitFlags {
  readonly ttl?: string;
  readonly renew?: true;
  readonly remove?: true;
  readonly dryRun?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'what the set is called: pushed again, it is replaced as a whole')
    .argument('[file...]', 'YAML or JSON with objects, a folder of them, or - for a pipe, as apply takes them')
    .option('--ttl <DURATION>', 'how long it stays unless it is pushed or renewed again, as in 5m (default for good)')
    .option('--renew', 'begin its time anew, and leave it as it is')
    .option('--remove', 'take all of it away')
    .option('--dry-run', 'show what would change, and change nothing')
    .addHelpText('after', '\nExamples:\n  $ envoyage push ci web.yaml --ttl 10m\n  $ envoyage push ci --renew\n  $ envoyage push ci --remove');
  addClientFlags(addWaitFlags(command)).action(async (name: string, files: readonly string[], flags: PushFlags) => {
    session.exitCode = await run(session.io, name, files, flags);
  });
}

function run(io: Io, name: string, files: readonly string[], flags: PushFlags): Promise<number> {
  const said = [flags.renew, flags.remove, files.length > 0 ? true : undefined].filter((each) => each !== undefined).length;
  if (said !== 1) {
    throw new EnvoyageError('usage', said === 0 ? 'the files are missing' : 'either files, or --renew, or --remove', {
      hint: `envoyage push ${name} FILE, envoyage push ${name} --renew, or envoyage push ${name} --remove`,
    });
  }
  if (flags.renew) return renew(io, name, flags);
  return flags.remove ? remove(io, name, flags) : push(io, name, files, flags);
}

async function push(io: Io, name: string, files: readonly string[], flags: PushFlags): Promise<number> {
  const objects = await readDeclared({ file: files }, io);
  const body = { objects: applyBody(objects, undefined, false).objects };
  const { dryRun = false, ttl } = flags;
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.push(name, body, { ttl, dryRun }, dryRun ? undefined : wait),
    ({ objects: results, changed }) => ({ what: describeResults(results), kind: 'set', isIdle: !changed }),
  );
  if (flags.json) writeJson(io, answer);
  else {
    writeResults(io, answer.objects);
    if (dryRun) io.stdout.write(`${describeResults(answer.objects)}${answer.changed ? ', if it were pushed: nothing was changed' : ''}\n`);
    else report(io, outcome);
    writeProblems(io, answer);
    if (answer.state === 'paused')
      io.stdout.write(`${answer.provider} is paused: what was pushed is kept, until envoyage providers resume ${answer.provider}\n`);
    if (answer.ttl !== undefined && !dryRun) io.stdout.write(`it stays for ${duration(answer.ttl * 1000)}; envoyage push ${name} --renew begins that anew\n`);
  }
  return answer.problemCount > 0 ? EXIT.failed : dryRun ? EXIT.ok : outcome.exitCode;
}

async function renew(io: Io, name: string, flags: PushFlags): Promise<number> {
  const answer = await connect(flags, io).renewPush(name);
  if (flags.json) writeJson(io, answer);
  else if (answer.ttl === undefined) io.stdout.write(`${name} stays for good: it has no time to live\n`);
  else io.stdout.write(`${name} stays for ${duration(answer.ttl * 1000)} from now\n`);
  return EXIT.ok;
}

async function remove(io: Io, name: string, flags: PushFlags): Promise<number> {
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.removePush(name, wait),
    () => ({ what: `all that was pushed as ${printable(name)} removed`, kind: 'removed', isIdle: false }),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}

function writeProblems(io: Io, { problems, problemCount }: PushAnswer): void {
  const paint = painter(io.stderr, io.env);
  for (const { origin, message, hint } of problems) {
    io.stderr.write(`${paint('red', 'problem:')} ${origin === undefined ? '' : `${printable(origin)}: `}${printable(message)}\n`);
    if (hint !== undefined) io.stderr.write(`${paint('bold', 'hint:')} ${printable(hint)}\n`);
  }
  if (problemCount > problems.length) io.stderr.write(`and ${count(problemCount - problems.length, 'problem')} more\n`);
}
