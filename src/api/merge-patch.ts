import { EnvoyageError } from '../lib/errors.ts';

/** No service is this deep; a patch of a million levels must not use up the stack. */
const MOST_LEVELS = 64;

/**
 * MergePatch of RFC 7396 §2 on parsed JSON. Neither argument is changed.
 * @throws EnvoyageError invalid-request where the patch is nested too deeply
 */
export function mergePatch(target: unknown, patch: unknown, level = 0): unknown {
  if (!isObject(patch)) return patch;
  if (level === MOST_LEVELS) throw new EnvoyageError('invalid-request', `the patch is nested more than ${MOST_LEVELS} levels deep`);
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value, level + 1));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
