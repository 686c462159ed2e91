import type { Command } from 'commander';
import { type Declared, invalidObjects } from '../../documents/objects.ts';
import type { TextFault } from '../../documents/parse.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { isDeclared } from '../../model/kinds.ts';
import type { Raw } from '../../model/raw.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { addEnvoyFlag, addFileFlags, applyBody, type EnvoyFlag, type FileFlags, placed, readDeclared } from '../declared.ts';
import { type Io, painter, type Session } from '../io.ts';
import { looseReferences } from '../loose-references.ts';
import { writeVerdicts } from '../verdicts-text.ts';
import { count, printable } from '../words.ts';

type ValidateFlags = ClientFlags & FileFlags & EnvoyFlag;

export function define(command: Command, session: Session): void {
  addEnvoyFlag(addFileFlags(command)).addHelpText(
    'after',
    '\nWithout --server no daemon is asked: each object is checked by itself, and what\nit refers to is looked for in the files. With it the daemon says whether all\nof them fit what it has.\n\nExamples:\n  $ envoyage validate -f web.yaml\n  $ envoyage validate -f fleet/ --server http://127.0.0.1:8080 --envoy',
  );
  addClientFlags(command).action(async (flags: ValidateFlags) => {
    await validate(session, flags);
  });
}

async function validate({ io }: Session, flags: ValidateFlags): Promise<void> {
  const { server, envoy } = flags;
  if (envoy && server === undefined) {
    throw new EnvoyageError('usage', '--envoy needs a daemon to ask', {
      hint: 'envoyage validate -f FILE --envoy --server http://127.0.0.1:8080',
    });
  }
  const objects = await readDeclared(flags, io);
  if (server === undefined) await checkRaws(objects);
  const loose = server === undefined ? looseReferences(objects) : [];
  const answer =
    server === undefined ? undefined : await placed(objects, () => connect(flags, io).apply(applyBody(objects, undefined, true, envoy), undefined));
  if (flags.json) {
    const verdicts = answer?.envoy === undefined ? {} : { envoy: answer.envoy };
    const warnings = loose.length === 0 ? {} : { warnings: loose.map(({ origin, message }) => ({ at: origin, message })) };
    writeJson(io, { valid: true, objects: objects.length, checked: server === undefined ? 'alone' : 'with-daemon', ...verdicts, ...warnings });
    return;
  }
  warn(io, loose);
  const fit = server === undefined ? '' : `, and fit what ${server} has`;
  io.stdout.write(`${count(objects.length, 'object')} ${objects.length === 1 ? 'is' : 'are'} valid${fit}\n`);
  writeVerdicts(io, answer?.envoy);
}

/** As many warnings are shown; --json has all. */
const MOST = 20;

function warn({ stderr, env }: Io, warnings: readonly TextFault[]): void {
  const paint = painter(stderr, env);
  for (const { origin, message } of warnings.slice(0, MOST)) stderr.write(`${paint('yellow', 'warning:')} ${printable(`${origin}: ${message}`)}\n`);
  if (warnings.length > MOST) stderr.write(`${paint('yellow', 'warning:')} and ${count(warnings.length - MOST, 'more name')}; --json lists all\n`);
  if (warnings.length > 0) stderr.write(`${paint('bold', 'hint:')} the daemon has to have that: --server URL asks it\n`);
}

/**
 * Holds raw resources against Envoy's API, as the daemon does.
 * @throws EnvoyageError invalid-object with every fault in the files
 */
async function checkRaws(objects: readonly Declared[]): Promise<void> {
  const raws = objects.flatMap(({ wish, document }): { wish: Raw; document: Declared['document'] }[] =>
    isDeclared(wish) && wish.kind === 'Raw' ? [{ wish, document }] : [],
  );
  if (raws.length === 0) return;
  // Read only where there is something to hold against it.
  const { loadEnvoyApi } = await import('../../proto/envoy-api.ts');
  const { checkRaw } = await import('../../translator/raw.ts');
  const api = loadEnvoyApi();
  const faults = raws.flatMap(({ wish, document }): TextFault[] => {
    try {
      checkRaw(wish, api);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof EnvoyageError)) throw thrown;
      return thrown.errors.map(({ field, message }) => ({ origin: document.positionOf(field), message }));
    }
  });
  if (faults.length > 0) throw invalidObjects(faults);
}
