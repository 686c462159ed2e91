import type { EnvoyageError } from '../lib/errors.ts';

/** What the exit code of every command means; the help of `envoyage` lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** A wrong command line or bad input, found here or by the daemon. */
  usage: 2,
  /** No daemon answers, or no Envoy where its admin port is asked. */
  unreachable: 3,
  /** The change is saved, and time ran out before every Envoy acknowledged it. */
  timeout: 4,
  /** The change is saved, and an Envoy rejected it. */
  rejected: 5,
  /** There is no such thing, or it is there already, or it changed in the meantime. */
  conflict: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: EnvoyageError): ExitCode {
  if (error.code === 'daemon-unreachable' || error.code === 'admin-unreachable') return EXIT.unreachable;
  if ([404, 409, 412].includes(error.status)) return EXIT.conflict;
  return error.status < 500 ? EXIT.usage : EXIT.failed;
}
