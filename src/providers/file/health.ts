import type { Health } from '../provider.ts';
import { isWithin } from './names.ts';

/** How the paths are, by what of them cannot be looked into and why. */
export function healthOf(paths: readonly string[], blind: ReadonlyMap<string, string>): Health {
  const parts = paths.map((path) => ({ name: path, ...healthOfPath(path, blind) }));
  const message = firstOf([...blind]);
  const state = parts.every((part) => part.state === 'down') ? 'down' : blind.size === 0 ? 'ok' : 'degraded';
  return { state, ...(message === undefined ? {} : { message }), ...(paths.length > 1 ? { parts } : {}) };
}

function healthOfPath(path: string, blind: ReadonlyMap<string, string>): Health {
  const own = blind.get(path);
  if (own !== undefined) return { state: 'down', message: own };
  const message = firstOf([...blind].filter(([each]) => isWithin(each, path)));
  return message === undefined ? { state: 'ok' } : { state: 'degraded', message };
}

function firstOf([first, ...more]: readonly (readonly [path: string, why: string])[]): string | undefined {
  if (first === undefined) return undefined;
  return `${first[0]} ${first[1]}${more.length === 0 ? '' : `, and ${more.length} more like it`}`;
}
