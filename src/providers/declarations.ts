import { EnvoyageError } from '../lib/errors.ts';
import { declaredKey, KINDS, type Kind, keyOf, type Wish } from '../model/kinds.ts';
import { parsedWish } from './parsed.ts';
import type { Declaration, DeclaredState, Problem } from './provider.ts';

/** What a provider declared, as far as it can be read. */
export interface Read {
  /** By key. A wish is the same object as the time before where its declaration is. */
  readonly wishes: ReadonlyMap<string, Wished>;
  /** The keys of objects that were declared and are wrong: what is in force of them stays. */
  readonly wrong: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** True for what stays though it is not declared, by its origin. */
  keeps(origin: string | undefined): boolean;
}

export interface Wished {
  readonly wish: Wish;
  readonly declaration: Declaration;
}

/** What became of declarations that were read before. */
export type Known = WeakMap<object, Wish | EnvoyageError>;

/**
 * Reads what was declared, each object for itself.
 * @param check a further one, which throws an EnvoyageError
 */
export function readDeclarations(state: DeclaredState, known: Known, check: (wish: Wish) => void): Read {
  const wishes = new Map<string, Wished>();
  const wrong = new Set<string>();
  const found: Problem[] = [...(state.problems ?? [])];
  for (const declaration of state.objects) {
    const read = known.get(declaration) ?? readOne(declaration.object, check);
    known.set(declaration, read);
    if (read instanceof EnvoyageError) {
      const key = keyOfRaw(declaration.object);
      if (key !== undefined) wrong.add(key);
      found.push(problemOf(read, key, declaration));
      continue;
    }
    const key = keyOf(read);
    const twin = wishes.get(key);
    if (twin === undefined) wishes.set(key, { wish: read, declaration });
    else found.push(declaredTwice(key, declaration, twin.declaration));
  }
  return { wishes, wrong, problems: found, keeps: (origin) => state.keeps?.(origin) === true };
}

function readOne(object: unknown, check: (wish: Wish) => void): Wish | EnvoyageError {
  try {
    const wish = parsedWish(object);
    check(wish);
    return wish;
  } catch (thrown) {
    return EnvoyageError.from(thrown);
  }
}

/** @param twin the first, which counts */
export function declaredTwice(key: string, { origin }: Declaration, twin: Declaration): Problem {
  const where = twin.origin === undefined ? '' : `, at ${twin.origin} too`;
  return {
    code: 'declared-twice',
    key,
    origin,
    message: `it is declared twice${where}: the first counts`,
    hint: 'leave one of the two out, or give it another name',
  };
}

/** @param declaration where it was said; undefined where that is not known any more */
export function problemOf({ code, message, hint, errors }: EnvoyageError, key: string | undefined, declaration?: Declaration): Problem {
  const [first] = errors;
  const place = first === undefined ? undefined : declaration?.placeOf?.(first.field);
  return { code, key, origin: place ?? declaration?.origin, message, hint };
}

/** What an object that cannot be read would be known by, as far as it says so. */
export function keyOfRaw(object: unknown): string | undefined {
  if (typeof object !== 'object' || object === null) return undefined;
  const { kind = 'Service', name, id, host } = object as Record<string, unknown>;
  const called = name ?? (kind === 'Service' ? (id ?? host) : undefined);
  if (typeof called !== 'string' || !KINDS.includes(kind as Kind)) return undefined;
  return declaredKey(kind as Kind, called);
}
