import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, sep } from 'node:path';

/** As many as Linux follows (path_resolution(7)). */
const MOST_HOPS = 40;

/**
 * The links that lead from a path to what it stands for, each by its real path: `/etc/conf/a.yaml` → `..data/a.yaml`, where
 * `/etc/conf/..data` is a link as well. Where one of them leads to nothing, the last is what is missing.
 */
export async function linksOf(path: string): Promise<readonly string[]> {
  const links: string[] = [];
  let todo = partsOf(path);
  let at = parse(path).root;
  while (todo.length > 0 && links.length <= MOST_HOPS) {
    const [part = '', ...rest] = todo;
    const next = join(at, part);
    const stats = await lstat(next).catch(() => undefined);
    if (stats === undefined) return links.length === 0 ? [] : [...links, next];
    if (stats.isSymbolicLink()) {
      links.push(next);
      const target = await readlink(next).catch(() => '');
      todo = [...partsOf(target), ...rest];
      at = isAbsolute(target) ? parse(target).root : dirname(next);
    } else {
      todo = rest;
      at = next;
    }
  }
  return links;
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== '');
}
