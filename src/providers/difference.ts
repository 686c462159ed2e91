import type { Read } from './declarations.ts';

/** The keys of what is not the same in both, and of those that are in one alone, which may concern others. */
export function difference(before: Read, after: Read): { readonly changed: readonly string[]; readonly others: readonly string[] } {
  const changed: string[] = [];
  const others: string[] = [];
  if (before === after) return { changed, others };
  for (const [key, { wish, declaration }] of after.wishes) {
    const known = before.wishes.get(key);
    if (known === undefined) others.push(key);
    else if (known.wish !== wish || known.declaration.origin !== declaration.origin) changed.push(key);
  }
  for (const key of before.wishes.keys()) if (!after.wishes.has(key)) others.push(key);
  return { changed: [...changed, ...others], others };
}
