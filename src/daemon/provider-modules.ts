import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EnvoyageError } from '../lib/errors.ts';
import type { Provider } from '../providers/provider.ts';

/**
 * A provider that somebody wrote: what the module's default export returns. It runs inside the daemon, with all that the daemon may.
 * @param file JavaScript, CommonJS or ES modules without top-level await
 * @throws EnvoyageError invalid-config
 */
export function loadProviderModule(file: string): Provider {
  let made: unknown;
  if (!existsSync(file)) throw refused(file, 'does not exist');
  try {
    const module: unknown = createRequire(file)(file);
    const create = typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
    if (typeof create !== 'function') throw new Error('it has no default export that is a function');
    made = create();
  } catch (thrown) {
    throw refused(file, `could not be loaded: ${reasonOf(thrown)}`, thrown);
  }
  if (!isProvider(made)) throw refused(file, 'does not return a provider: it needs name, source, start, resync and stop');
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(made.name))
    throw refused(file, `has the name "${made.name.slice(0, 80)}": lower-case letters, digits and hyphens can be one`);
  return made;
}

/** The first line: what follows says which modules Node came by. */
function reasonOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';
}

function refused(file: string, why: string, cause?: unknown): EnvoyageError {
  return new EnvoyageError('invalid-config', `the provider module ${file} ${why}`, { hint: 'docs/providers.md, "Write your own", has one that works', cause });
}

function isProvider(made: unknown): made is Provider {
  if (typeof made !== 'object' || made === null) return false;
  const { name, source, start, resync, stop } = made as Record<string, unknown>;
  return [name, source].every((each) => typeof each === 'string') && [start, resync, stop].every((each) => typeof each === 'function');
}
