/** Envoy's log lines, read; pure. */

export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical';
  /** The part of Envoy that speaks, as in `main`, `upstream`, `config`. */
  readonly component: string;
  readonly message: string;
}

/** `[2026-11-21 01:59:04.279][13804][critical][main] [source/server/server.cc:449] what happened` */
const LINE = /^\[\d{4}-[^\]]*\]\[\d+\]\[(trace|debug|info|warning|error|critical)\]\[([\w.-]+)\] (?:\[[^\]]*\] )?(.*)$/;

/** @returns undefined for a line that continues the one before it, or is not written by Envoy's logger */
export function parseLogLine(line: string): LogLine | undefined {
  const [, level, component, message] = LINE.exec(line) ?? [];
  if (level === undefined || component === undefined || message === undefined) return undefined;
  return { level: level as LogLine['level'], component, message };
}

/** What Envoy logs once it has its bootstrap and its ports and begins to work; the same in 1.36 and 1.40. */
export function saysUp(line: string): boolean {
  return line.endsWith('starting main dispatch loop');
}

const MOST_WORDS = 5;
const LONGEST_WORD = 500;

/**
 * Those of the last lines that say why Envoy ended. It says so in full in what it writes past its logger at the very
 * end; otherwise its last errors (a backtrace is one) tell, or, failing these, simply the last lines.
 */
export function lastWords(lines: readonly string[]): string[] {
  const parsed = lines.map((text) => ({ text: text.slice(0, LONGEST_WORD), line: parseLogLine(text) }));
  const lastLogged = parsed.findLastIndex(({ line }) => line !== undefined);
  const unlogged = parsed.slice(lastLogged + 1).filter(({ text }) => text.trim() !== '');
  if (lastLogged >= 0 && unlogged.length > 0) return unlogged.slice(-MOST_WORDS).map(({ text }) => text);
  const errors = parsed.filter(({ line }) => line?.level === 'critical' || line?.level === 'error');
  return (errors.length > 0 ? errors : parsed).slice(-MOST_WORDS).map(({ text, line }) => line?.message.slice(0, LONGEST_WORD) ?? text);
}
