/** No server is left alone for longer than this where the interval is shorter, seconds. */
const MOST_SECONDS = 300;
/** What `Retry-After` may ask for at most, seconds: a wrong one must not end the polling. */
export const MOST_RETRY_AFTER = 600;

/** Seconds until the next request after one that went well. @param random from 0 to 1 */
export function pause(interval: number, random: number): number {
  return interval * (0.9 + 0.2 * random);
}

/**
 * Seconds until the next request after failures: twice as long each time, half of it by chance, so that many daemons do not
 * come back together.
 * @param failures in a row, 1 or more
 */
export function backoff(interval: number, failures: number, random: number, retryAfter = 0): number {
  const whole = Math.min(interval * 2 ** Math.min(failures - 1, 30), Math.max(interval, MOST_SECONDS));
  return Math.max(whole * (0.5 + 0.5 * random), Math.min(retryAfter, MOST_RETRY_AFTER));
}

/** The header's seconds or date (RFC 9110 §10.2.3) as seconds from now. */
export function retryAfterOf(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now.getTime()) / 1000);
}
