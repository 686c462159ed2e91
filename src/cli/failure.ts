import { CommanderError } from 'commander';
import { EnvoyageError } from '../lib/errors.ts';
import { toProblem } from '../lib/problem.ts';
import { type Io, type Paint, painter } from './io.ts';
import { printable } from './words.ts';

/** What commander found wrong with the command line, as an error of ours: one sentence, its suggestion included. */
export function usageError(thrown: CommanderError): EnvoyageError {
  const message = thrown.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  return new EnvoyageError('usage', message, { hint: 'envoyage --help lists the commands, envoyage COMMAND --help the options of one' });
}

export function toError(thrown: unknown): EnvoyageError {
  return thrown instanceof CommanderError ? usageError(thrown) : EnvoyageError.from(thrown);
}

/** Each fault says its own place in these; elsewhere the field has to be named with it. */
const SELF_CONTAINED = ['invalid-config', 'insecure-address'];

/** An error as people read it, one line for each fault, then what mends it. */
export function renderError(error: EnvoyageError, paint: Paint): string {
  const label = paint('red', 'error:');
  const lines: string[] = [];
  if (error.errors.length > 1) {
    lines.push(`${label} ${error.errors.length} things are wrong`);
    for (const { field, message } of error.errors)
      lines.push(`  ${SELF_CONTAINED.includes(error.code) || field === '' ? '' : `${printable(field)}: `}${printable(message)}`);
  } else {
    lines.push(`${label} ${printable(error.message)}`);
  }
  if (error.hint !== undefined) lines.push(`${paint('bold', 'hint:')} ${printable(error.hint)}`);
  if (error.code === 'internal' && error.cause instanceof Error) lines.push(paint('dim', error.cause.stack ?? ''));
  return `${lines.join('\n')}\n`;
}

/** The same for machines: one problem document, one line. */
export function renderErrorJson(error: EnvoyageError): string {
  return `${JSON.stringify(toProblem(error))}\n`;
}

export function writeError({ stderr, env }: Io, error: EnvoyageError, json: boolean): void {
  stderr.write(json ? renderErrorJson(error) : renderError(error, painter(stderr, env)));
}
