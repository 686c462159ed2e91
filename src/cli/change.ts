import type { Rollout } from '../api/types.ts';
import type { Client, Wait } from './client.ts';
import { type ClientFlags, connect } from './connect.ts';
import type { ExitCode } from './exit-codes.ts';
import { type WaitFlags, waitOf } from './input.ts';
import { type Io, painter } from './io.ts';
import { type Deed, outcome } from './outcome.ts';
import { createProgress } from './progress.ts';
import { createPatience, followRollout, type Patience } from './rollout.ts';

export interface Changed<T> {
  /** What the API answered, with the rollout as it was last seen. */
  readonly answer: T;
  readonly outcome: ReturnType<typeof outcome>;
}

/** A row of writes that share one time limit. */
export interface Changes {
  /** Writes, then waits for the Envoys as far as the flags and the time say. */
  apply<T extends { readonly revision: number; readonly rollout?: Rollout }>(
    write: (client: Client, wait: Wait) => Promise<T>,
    deed: (answer: T) => Omit<Deed, 'revision'>,
  ): Promise<Changed<T>>;
}

export function createChanges(io: Io, flags: ClientFlags & WaitFlags): Changes {
  const client = connect(flags, io);
  const patience: Patience = createPatience(waitOf(flags));
  const progress = createProgress(io);
  return {
    async apply(write, deed) {
      const first = await write(client, patience.next());
      const rollout = first.rollout === undefined ? undefined : await followRollout(client, first.rollout, patience, progress);
      const answer = rollout === undefined ? first : { ...first, rollout };
      return { answer, outcome: outcome({ ...deed(answer), revision: rollout?.revision ?? answer.revision }, rollout, widthOf(io)) };
    },
  };
}

/** Says how a change ended: the sentence to stdout, what to do about it to stderr. */
export function report(io: Io, { text, hint, exitCode }: ReturnType<typeof outcome>): ExitCode {
  io.stdout.write(`${text}\n`);
  if (hint !== undefined) io.stderr.write(`${painter(io.stderr, io.env)('bold', 'hint:')} ${hint}\n`);
  return exitCode;
}

/** Columns of the terminal; 80 where there is none. */
export function widthOf({ stdout }: Io): number {
  return Math.max(40, stdout.columns ?? 80);
}

export function writeJson({ stdout }: Io, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
