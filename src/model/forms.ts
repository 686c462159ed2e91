import { z } from 'zod';

/** Parts that schemas of several kinds are put together from: short forms, and what each form says when it is wrong. */

/** `{}` where the value says nothing, so that equal content has one form. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}

/** One or a list of them. @param what they are called, `hosts`; @param example of a list */
export function oneOrMore<T>(item: z.ZodType<T>, what: string, example: string, most: number): z.ZodType<readonly T[]> {
  const list = z
    .array(item, { error: `${what} must be a list, as in ${example}` })
    .min(1, { error: `${what} must name at least one, as in ${example}` })
    .max(most, { error: `${what} must be at most ${most}` });
  return z.union([item.transform((one): readonly T[] => [one]), list.transform((all): readonly T[] => all)], {
    error: `${what} must be a list, as in ${example}`,
  });
}

/** Sorted, each one once: for what is the same in any order. */
export function asSet<T extends string | number>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));
}

/** A whole number. */
export function whole(what: string, from: number, to: number) {
  const error = `${what} must be a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** A map from names, which are made canonical, to what `value` says. Sorted; none at all is undefined. */
export function mapOf<T>(value: z.ZodType<T>, canonical: (name: string) => string, what: string, example: string, most: number) {
  return z.record(z.string(), value, { error: `${what} must be a map, as in ${example}` }).transform((map, context) => {
    const entries = new Map<string, T>();
    for (const [name, each] of Object.entries(map)) {
      try {
        const known = canonical(name);
        if (entries.has(known)) throw new Error('is there twice');
        entries.set(known, each);
      } catch (thrown) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `${JSON.stringify(name.slice(0, 80))} ${thrown instanceof Error ? thrown.message : 'is not valid'}`,
        });
      }
    }
    if (entries.size > most) context.addIssue({ code: 'custom', message: `${what} must be at most ${most}` });
    return entries.size === 0 ? undefined : (Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) as Readonly<Record<string, T>>);
  });
}

/** Those of the keys that the object has. */
export function keysGiven(object: Readonly<Record<string, unknown>>, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => object[key] !== undefined);
}

/** `a, b or c` */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
