import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ApiObject, ObjectDocument } from '../../api/types.ts';
import { invalidObjects, readObjects } from '../../documents/objects.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { keyOf, kindOf, nameOf, titleOf, type Wish } from '../../model/kinds.ts';
import { documentOf } from '../../model/schemas.ts';
import { createChanges, report, writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addWaitFlags, type WaitFlags } from '../input.ts';
import type { Io, Session } from '../io.ts';
import { KIND_HELP, readKind } from '../kind-argument.ts';
import { bareName } from '../object-name.ts';
import { toYaml } from '../yaml-text.ts';

export function define(command: Command, session: Session): void {
  command
    .argument('<kind>', `what it is: ${KIND_HELP}`)
    .argument('<name>', 'what it is called')
    .addHelpText('after', '\nThe editor is that of $VISUAL or $EDITOR, else vi.\n\nExample:\n  $ envoyage edit route api');
  addClientFlags(addWaitFlags(command)).action(async (kind: string, name: string, flags: ClientFlags & WaitFlags) => {
    session.exitCode = await edit(session.io, readKind(kind), bareName(name), flags);
  });
}

async function edit(io: Io, kind: string, name: string, flags: ClientFlags & WaitFlags): Promise<ExitCode> {
  const current = await connect(flags, io).object(kind, name);
  if (current.provider !== undefined) throw providersOwn(current);
  const original = toYaml(documentOf(current as unknown as Wish));
  const folder = mkdtempSync(join(tmpdir(), 'envoyage-edit-'));
  const path = join(folder, `${kind}.yaml`);
  let keep = false;
  try {
    let text = original;
    let fault: EnvoyageError | undefined;
    for (;;) {
      const offered = (fault === undefined ? '' : notes(fault)) + text;
      text = withoutNotes(await edited(io, path, offered));
      if (text.trim() === '' || text === original) {
        io.stdout.write('nothing was changed\n');
        return EXIT.ok;
      }
      // Saved as it was offered: whoever does so gives up.
      if (fault !== undefined && text === withoutNotes(offered)) {
        keep = true;
        throw new EnvoyageError(fault.code, `${fault.message}; nothing was changed`, {
          hint: `what you wrote is in ${path}: envoyage apply -f ${path}`,
          errors: [],
        });
      }
      try {
        return await send(io, kind, name, current.revision, text, flags);
      } catch (thrown) {
        if (!(thrown instanceof EnvoyageError) || thrown.status >= 500 || thrown.code === 'precondition-failed') {
          keep = true;
          throw kept(thrown, path);
        }
        fault = thrown;
      }
    }
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Before anybody has written what cannot be saved. */
function providersOwn({ kind, name, provider, origin }: ApiObject): EnvoyageError {
  const place = origin === undefined ? '' : `, ${origin}`;
  const over = kind === 'Service' ? `; envoyage override ${name} --drain, --disable or --weight NUMBER is laid over it meanwhile` : '';
  return new EnvoyageError('owned-by-provider', `${kind} ${name} comes from provider "${provider}"${place}: it is changed there`, {
    hint: `change it where it comes from${over}`,
  });
}

async function send(io: Io, kind: string, name: string, revision: number, text: string, flags: ClientFlags & WaitFlags): Promise<ExitCode> {
  const { objects, faults } = readObjects([{ file: 'edit', text }]);
  if (faults.length > 0) throw invalidObjects(faults);
  const [only, second] = objects;
  if (only === undefined || second !== undefined) throw new EnvoyageError('invalid-object', 'there must be one object, the one that was opened');
  const { wish } = only;
  if (kindOf(wish) !== kind || nameOf(wish) !== name) {
    throw new EnvoyageError(
      'invalid-object',
      `this is ${titleOf(keyOf(wish))}: an object cannot be renamed; apply it under the other name and delete this one`,
    );
  }
  const { answer, outcome } = await createChanges(io, flags).apply(
    (client, wait) => client.putObject(kind, name, documentOf(wish) as unknown as ObjectDocument, revision, wait),
    () => ({ what: `${kind} ${name} changed`, kind: 'set' }),
  );
  if (!flags.json) return report(io, outcome);
  writeJson(io, answer);
  return outcome.exitCode;
}

async function edited(io: Io, path: string, text: string): Promise<string> {
  writeFileSync(path, text, { mode: 0o600 });
  const editor = io.env['VISUAL'] || io.env['EDITOR'] || 'vi';
  // By a shell, since people put options into the variable.
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit', env: { ...process.env, ...io.env } });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) {
    throw new EnvoyageError('usage', `the editor "${editor}" ended with ${signal ?? `exit code ${code}`}; nothing was changed`, {
      hint: 'name another: EDITOR=nano envoyage edit …',
    });
  }
  return readFileSync(path, 'utf8');
}

const NOTE = '#! ';

/** What was wrong the last time, above the text. */
function notes({ message, errors }: EnvoyageError): string {
  // These lines come before the ones that are counted.
  const shift = errors.length + 1;
  const placeOf = (field: string): string =>
    field.replace(/^edit:(\d+):(\d+)$/, (_, line: string, column: string) => `line ${Number(line) + shift}, column ${column}`);
  const lines = errors.length === 0 ? [message] : errors.map((each) => `${each.field === '' ? '' : `${placeOf(each.field)}: `}${each.message}`);
  return [...lines, 'Save it unchanged to give up.'].map((line) => `${NOTE}${line.replaceAll('\n', ' ')}\n`).join('');
}

function withoutNotes(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(NOTE.trim()))
    .join('\n');
}

function kept(thrown: unknown, path: string): EnvoyageError {
  const error = EnvoyageError.from(thrown);
  return new EnvoyageError(error.code, error.message, {
    hint: `what you wrote is in ${path}; ${error.hint ?? 'nothing was changed'}`,
    errors: error.errors,
    cause: thrown,
  });
}
