import { constants } from 'node:os';

const BY_NAME: Readonly<Record<string, number>> = constants.signals;

/** Linux's first real-time signal, as containers see it: systemd is stopped by SIGRTMIN+3. */
const RTMIN = 34;

/** What ends a process unless it does something about it, and is sent for that purpose. */
const STOPS: ReadonlySet<number> = new Set([BY_NAME.SIGTERM, BY_NAME.SIGINT, BY_NAME.SIGQUIT, BY_NAME.SIGKILL].map(Number));

/**
 * True where a signal asks a container to end: it is one of those that do so by custom, or the container's own StopSignal. A SIGHUP
 * or SIGUSR1 asks most programs for something else.
 * @param signal as the engine writes it in an event: `15`; podman leaves it out
 * @param stopSignal as an image names it: `SIGQUIT`, `QUIT`, `3`, `SIGRTMIN+3`; undefined for the usual one
 */
export function isStopSignal(signal: string | undefined, stopSignal: string | undefined): boolean {
  const number = signalNumber(signal);
  return number !== undefined && (STOPS.has(number) || number === signalNumber(stopSignal));
}

function signalNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.toUpperCase().startsWith('SIG') ? text.toUpperCase() : `SIG${text.toUpperCase()}`;
  const [, more] = /^SIGRTMIN\+(\d{1,2})$/.exec(name) ?? [];
  return more === undefined ? BY_NAME[name] : RTMIN + Number(more);
}
