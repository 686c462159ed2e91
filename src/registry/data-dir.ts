import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../lib/errors.ts';
import { dataDirUnusable, notAFile, notAFolder, notWritable, orphanLog } from './unusable.ts';

/**
 * Sees to it that the data folder is there, for its owner alone where it is made, and that this user can make files in it.
 * @throws EnvoyageError data-dir-unusable
 */
export function prepareDataDir(dir: string): void {
  const there = attempt(
    () => statSync(dir, { throwIfNoEntry: false }),
    (thrown) => dataDirUnusable(dir, 'cannot be reached', thrown),
  );
  if (there !== undefined && !there.isDirectory()) throw notAFolder(dir);
  if (there === undefined) {
    const first = attempt(
      () => mkdirSync(dir, { recursive: true, mode: 0o700 }),
      (thrown) => dataDirUnusable(dir, 'cannot be created', thrown),
    );
    if (first !== undefined) syncParents(dir, first);
  }
  attempt(
    () => accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK),
    (thrown) => dataDirUnusable(dir, 'cannot be written', thrown),
  );
}

/**
 * Makes the file where it is missing, empty and for its owner alone (SQLite gives its helper files the same mode), or makes
 * sure that the one there may be written.
 * @throws EnvoyageError store-unusable, data-dir-unusable
 */
export function prepareFile(dir: string, path: string): Stats {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) throw notAFile(path);
  if ((there?.size ?? 0) === 0 && sizeOf(`${path}-wal`) > 0) throw orphanLog(path);
  if (there !== undefined) {
    attempt(
      () => accessSync(path, constants.R_OK | constants.W_OK),
      (thrown) => notWritable(path, thrown),
    );
    return there;
  }
  attempt(
    () => closeSync(openSync(path, 'wx', 0o600)),
    (thrown) => {
      // Somebody else made it just now; who may have it is for the lock to say.
      return systemCode(thrown) === 'EEXIST' ? undefined : dataDirUnusable(dir, 'takes no new file', thrown);
    },
  );
  return statSync(path);
}

/** 0 for a file that is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** A new folder survives a loss of power only once the folder above it is on disk. Some file systems cannot; they need not. */
function syncParents(dir: string, first: string): void {
  for (let path = dir; path.length >= first.length && path !== dirname(path); path = dirname(path)) {
    try {
      const fd = openSync(dirname(path), 'r');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch {}
  }
}

function attempt<T>(action: () => T, fault: (thrown: unknown) => Error | undefined): T | undefined {
  try {
    return action();
  } catch (thrown) {
    const error = fault(thrown);
    if (error !== undefined) throw error;
    return undefined;
  }
}
