import { EnvoyageError } from '../../lib/errors.ts';

/** Where a reader of events is. */
export interface Cursor {
  /** Of the daemon's run that numbered it. */
  readonly run?: string;
  /** Of the event that was read last; missing where it came from the journal. */
  readonly number?: number | undefined;
  /** The newest revision that was known by then. */
  readonly revision: number;
}

/** `RUN-NUMBER-REVISION`, where NUMBER is `j` for what came from the journal. */
export function formatId({ run = '', number, revision }: Cursor): string {
  return `${run}-${number ?? 'j'}-${revision}`;
}

/**
 * Reads an id that an event had, or the number of a revision.
 * @param where it was said, for the error
 * @throws EnvoyageError invalid-request
 */
export function parseCursor(text: string, where: string): Cursor {
  if (/^\d{1,15}$/.test(text)) return { revision: Number(text) };
  const [, run, number, revision] = /^(\w{1,40})-(j|\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (run === undefined || revision === undefined) {
    throw new EnvoyageError('invalid-request', `${where} "${text.slice(0, 80)}" is neither the number of a revision nor the id of an event`, {
      hint: 'send the id of the last event as it came, or the number of a revision, as in ?since=12',
    });
  }
  return { run, revision: Number(revision), number: number === 'j' ? undefined : Number(number) };
}
