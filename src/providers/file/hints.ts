import { join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/**
 * Tells where something may have changed, as far as the system tells it: network file systems say nothing, and there is a
 * limit to how much may be watched. So a hint is a reason to look, and no hint is no reason not to.
 */
export interface Hints {
  /**
   * Watches these folders, and no others.
   * @param folders real paths; one that is missing is waited for
   * @returns true where one of them was not watched before: what happened in it before now is not told
   */
  follow(folders: ReadonlySet<string>): boolean;
  close(): Promise<void>;
}

/**
 * By chokidar, which is begun with the first folder.
 * @param onHint told the real path of what was touched, made or taken away
 * @param onError told when something cannot be watched
 */
export function openHints(onHint: (path: string) => void, onError: (error: Error) => void): Hints {
  const known = new Set<string>();
  let watcher: FSWatcher | undefined;
  return {
    follow: (folders) => {
      watcher ??= open(onHint, onError);
      const added = [...folders].filter((folder) => !known.has(folder));
      const left = [...known].filter((folder) => !folders.has(folder));
      for (const folder of left) known.delete(folder);
      for (const folder of added) known.add(folder);
      if (left.length > 0) watcher.unwatch(left);
      if (added.length > 0) watcher.add(added);
      return added.length > 0;
    },
    close: async () => {
      await watcher?.close();
      watcher = undefined;
    },
  };
}

function open(onHint: (path: string) => void, onError: (error: Error) => void): FSWatcher {
  // Who is who is not the watcher's to say: neither editors' files nor links are treated in a way of their own.
  const watcher = watch([], { ignoreInitial: true, depth: 0, atomic: false, followSymlinks: false, ignorePermissionErrors: true });
  watcher.on('all', (_, path) => onHint(path));
  // Changes of permissions are told by nothing else.
  watcher.on('raw', (_, name, details: unknown) => {
    const folder = (details as { watchedPath?: unknown } | undefined)?.watchedPath;
    if (typeof folder === 'string' && typeof name === 'string') onHint(join(folder, name));
  });
  watcher.on('error', (thrown) => onError(thrown instanceof Error ? thrown : new Error(String(thrown))));
  return watcher;
}
