import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `look` finds something other than undefined or false, and returns it.
 * @throws Error that says what was awaited in vain
 */
export async function waitFor<T>(what: string, look: () => T | Promise<T>, timeoutMs = 60_000): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what} in vain`);
    await delay(50);
  }
}
