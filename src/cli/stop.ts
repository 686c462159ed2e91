import type { Io, StopSignal } from './io.ts';

/** SIGHUP comes when the terminal is closed: then, too, an Envoy of ours is not to be left behind. */
const SIGNALS: readonly StopSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** How long the event loop may be held open after all was closed. */
const LINGER_MS = 1000;

export interface Stop {
  /** Settles at the first signal. */
  readonly requested: Promise<StopSignal>;
  /** Fires with it. */
  readonly signal: AbortSignal;
  /** Gives the signals back. If something still holds the process open a second later, it is ended with `exitCode`. */
  done(exitCode: number): void;
}

/** Listens for the signals to stop. The first one asks for a clean end, a second one ends the process at once with 128 + its number. */
export function listenForStop({ signals, exit }: Pick<Io, 'signals' | 'exit'>): Stop {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  const controller = new AbortController();
  const listener = (signal: StopSignal): void => {
    if (controller.signal.aborted) {
      exit(128 + NUMBERS[signal]);
      return;
    }
    controller.abort();
    resolve(signal);
  };
  for (const signal of SIGNALS) signals.on(signal, listener);
  return {
    requested: promise,
    signal: controller.signal,
    done: (exitCode) => {
      for (const signal of SIGNALS) signals.off(signal, listener);
      setTimeout(() => exit(exitCode), LINGER_MS).unref();
    },
  };
}
