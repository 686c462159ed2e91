import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import { EnvoyageError } from './errors.ts';

/** Files that the program needs at run time, and where they stand in a checkout. The single binary carries them inside. */
const FILES = {
  'envoy.binpb': '../../protos/envoy.binpb',
} as const;

export type AssetName = keyof typeof FILES;

/** Native addons that the single binary carries; in a checkout their packages find them by themselves. */
export type AddonName = 'better_sqlite3.node';

export function readAsset(name: AssetName): Buffer {
  return isSea() ? Buffer.from(getRawAsset(name)) : readFileSync(resolve(import.meta.dirname, FILES[name]));
}

const loaded = new Map<AddonName, object>();

/**
 * The addon's exports in the single binary; undefined elsewhere, where its package loads it from its own folder.
 *
 * A shared library can only be loaded from a file, so it is written into a fresh folder of mode 0700 and removed as soon
 * as it is mapped. `/tmp` is often mounted noexec: `moreFolders` and the usual others are tried after it, in order.
 * @throws EnvoyageError temp-dir-unusable
 */
export function loadAddon(name: AddonName, moreFolders: readonly string[] = []): object | undefined {
  if (!isSea()) return undefined;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const folders = new Set([tmpdir(), ...moreFolders, '/var/tmp', '/dev/shm', '/run']);
  const addon = loadFromFirst(folders, (folder) => loadFrom(folder, name, Buffer.from(getRawAsset(name))));
  loaded.set(name, addon);
  return addon;
}

/**
 * What `load` makes of the first folder that it accepts.
 * @throws EnvoyageError temp-dir-unusable, with the reason for each folder
 */
export function loadFromFirst<T>(folders: Iterable<string>, load: (folder: string) => T): T {
  const faults: string[] = [];
  for (const folder of folders) {
    try {
      return load(folder);
    } catch (thrown) {
      faults.push(`${folder}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  throw new EnvoyageError('temp-dir-unusable', `no folder takes the program's sqlite library: ${faults.join('; ')}`, {
    hint: 'set TMPDIR to a folder that is writable and not mounted noexec',
  });
}

function loadFrom(folder: string, name: AddonName, bytes: Buffer): object {
  const own = mkdtempSync(join(folder, 'envoyage-'));
  try {
    const file = join(own, name);
    writeFileSync(file, bytes, { mode: 0o500, flag: 'wx' });
    const module = { exports: {} };
    process.dlopen(module, file);
    return module.exports;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
