import type { Seen } from './walk.ts';

/** What is remembered of a file between looks; times are in milliseconds of one clock. */
export interface Memory {
  /** Its stamp when it was read last. */
  readonly read?: string | undefined;
  /** Its stamp when it was looked at last, and since when it has been that. */
  readonly seen?: string | undefined;
  readonly since: number;
}

/** Who writes a file in parts, or truncates it first, is done when it has stayed the same for so long. */
export const SETTLE_MS = 200;
/** Some editors delete a file and make it anew. */
export const GONE_MS = 1000;

export type Verdict =
  /** It is as it was read, or nothing is known of it. */
  | { readonly what: 'same'; readonly memory?: Memory }
  | { readonly what: 'read'; readonly memory: Memory }
  | { readonly what: 'gone' }
  /** Look again after so many milliseconds. */
  | { readonly what: 'wait'; readonly ms: number; readonly memory: Memory };

/**
 * What to do about a file, by what it was and what it is.
 * @param memory undefined for a file that is not known
 * @param hasty true where somebody waits for it: at the first look of all, and where people ask
 */
export function settle(memory: Memory | undefined, seen: Seen, now: number, hasty: boolean): Verdict {
  if (seen.state === 'fault') return { what: 'same' };
  if (seen.state === 'absent' && (memory === undefined || hasty)) return { what: 'gone' };
  const stamp = seen.state === 'file' ? seen.stamp : undefined;
  if (memory !== undefined && stamp !== undefined && stamp === memory.read) return { what: 'same', memory: { read: stamp, seen: stamp, since: now } };
  if (hasty) return { what: 'read', memory: { seen: stamp, since: now } };
  const wait = stamp === undefined ? GONE_MS : SETTLE_MS;
  const stayed = memory !== undefined && memory.seen === stamp ? now - memory.since : 0;
  if (stayed >= wait) return stamp === undefined ? { what: 'gone' } : { what: 'read', memory: { ...memory, seen: stamp, since: now } };
  const since = now - stayed;
  return { what: 'wait', ms: wait - stayed, memory: { read: memory?.read, seen: stamp, since } };
}
