import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFault } from '../../lib/read-fault.ts';
import { linksOf } from './links.ts';
import { isDocument, isHidden } from './names.ts';

/** What a path that should hold documents is now. */
export type Seen =
  | { readonly state: 'file'; readonly stamp: string; readonly size: number }
  | { readonly state: 'absent' }
  /** It is there, and cannot be read. */
  | { readonly state: 'fault'; readonly why: string };

/** What lies at and below the paths that are followed. */
export interface Found {
  readonly files: Map<string, Seen>;
  /** Folders that were read, by their real paths, with the path by which each was come to. */
  readonly folders: Map<string, string>;
  /** Real paths of links on the way to any of it: where one of them changes, anything may have. */
  readonly links: Set<string>;
  /** Documents that lie elsewhere than their path says, by their real paths. */
  readonly targets: Map<string, string>;
  /** What cannot be looked into, with why. */
  readonly blind: Map<string, string>;
}

/** A link may lead anywhere, to `/` too. */
export const WALK_LIMITS = { files: 50_000, folders: 5000, depth: 32 } as const;

/** Looks at everything below the paths. No file is opened, and each folder is read once, so that links may go in circles. */
export async function walk(paths: readonly string[]): Promise<Found> {
  const found: Found = { files: new Map(), folders: new Map(), links: new Set(), targets: new Map(), blind: new Map() };
  for (const path of paths) await walkRoot(path, found);
  return found;
}

async function walkRoot(path: string, found: Found): Promise<void> {
  await follow(path, found);
  let stats: BigIntStats;
  try {
    stats = await stat(path, { bigint: true });
  } catch (thrown) {
    found.blind.set(path, readFault(thrown));
    return;
  }
  if (stats.isDirectory()) await walkFolder(path, 0, found);
  else note(path, seenOf(stats), found);
}

async function walkFolder(path: string, depth: number, found: Found): Promise<void> {
  let entries: Dirent[];
  try {
    const real = await realpath(path);
    if (found.folders.has(real)) return;
    if (depth > WALK_LIMITS.depth || found.folders.size >= WALK_LIMITS.folders) {
      found.blind.set(path, `lies deeper than ${WALK_LIMITS.depth} folders, or is one of more than ${WALK_LIMITS.folders}`);
      return;
    }
    found.folders.set(real, path);
    entries = await readdir(path, { withFileTypes: true });
  } catch (thrown) {
    found.blind.set(path, readFault(thrown));
    return;
  }
  const folders: string[] = [];
  const files: Dirent[] = [];
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    if (entry.isDirectory()) folders.push(join(path, entry.name));
    else if (entry.isSymbolicLink() || isDocument(entry.name)) files.push(entry);
  }
  if (found.files.size + files.length > WALK_LIMITS.files) {
    found.blind.set(path, `brings the files to more than ${WALK_LIMITS.files}`);
    return;
  }
  await Promise.all(
    files.map(async (entry) => {
      const file = join(path, entry.name);
      if (!entry.isSymbolicLink()) note(file, await look(file), found);
      else if (await isFolder(file)) folders.push(file);
      else if (isDocument(entry.name)) note(file, await look(file), found);
      else return;
      if (entry.isSymbolicLink()) await follow(file, found);
    }),
  );
  for (const folder of folders.toSorted()) await walkFolder(folder, depth + 1, found);
}

function note(path: string, seen: Seen, { files, blind }: Found): void {
  if (seen.state === 'fault') blind.set(path, seen.why);
  files.set(path, seen);
}

/** What is at the path; never waits for it. */
export async function look(path: string): Promise<Seen> {
  try {
    return seenOf(await stat(path, { bigint: true }));
  } catch (thrown) {
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    const why = readFault(thrown);
    if (why !== 'does not exist') return { state: 'fault', why };
    return isThere ? { state: 'fault', why: 'is a link that leads to nothing' } : { state: 'absent' };
  }
}

function seenOf(stats: BigIntStats): Seen {
  if (!stats.isFile()) return { state: 'fault', why: 'is no plain file' };
  return { state: 'file', stamp: stampOf(stats), size: Number(stats.size) };
}

/** Different for each content that a file has had, but for one that is written again within the clock's grain. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function follow(path: string, { links, targets }: Found): Promise<void> {
  for (const link of await linksOf(path)) links.add(link);
  const real = await realpath(path).catch(() => path);
  if (real !== path) targets.set(real, path);
}
