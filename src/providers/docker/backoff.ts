const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * How long to wait after as many failures in a row, milliseconds: from half a second to 30 seconds, doubled each time, of which a
 * part is left to chance, so that those who lost the same engine do not come back all at once.
 * @param failures from 1 @param chance from 0 to 1
 */
export function backoffMs(failures: number, chance: number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.max(FIRST_MS, Math.round(full * (0.5 + chance / 2)));
}
