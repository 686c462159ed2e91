import { declaredTwice } from '../declarations.ts';
import type { Declaration, DeclaredState, Problem } from '../provider.ts';
import type { Content } from './content.ts';
import { fileOf, isWithin } from './names.ts';

/** A path that cannot be looked into: what lies there is not known. */
export interface Blind {
  readonly path: string;
  /** Why, as the rest of a sentence that begins with the path. */
  readonly why: string;
}

/**
 * All that the files declare, in the order of their paths: an object that is in two of them is the first one's. What cannot
 * be read keeps what it said before, from before a restart too (`keeps`).
 */
export function composeState(files: ReadonlyMap<string, Content>, blind: readonly Blind[]): DeclaredState {
  const declared = new Map<string, Declaration>();
  const problems: Problem[] = blind.map(unreadable);
  const faulty = new Set<string>();
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (content.faulty) faulty.add(path);
    for (const problem of content.problems) problems.push(problem);
    for (const [key, declaration] of content.objects) {
      const first = declared.get(key);
      if (first === undefined) declared.set(key, declaration);
      else problems.push(declaredTwice(key, declaration, first));
    }
  }
  const state = { objects: [...declared.values()], problems };
  if (faulty.size === 0 && blind.length === 0) return state;
  const isUnread = (path: string): boolean => faulty.has(path) || blind.some((each) => isWithin(path, each.path));
  return { ...state, keeps: (origin) => origin !== undefined && isUnread(fileOf(origin)) };
}

function unreadable({ path, why }: Blind): Problem {
  return { code: 'unreadable', origin: path, message: `${path} ${why}`, hint: 'what was read there last stays until it can be read again' };
}
