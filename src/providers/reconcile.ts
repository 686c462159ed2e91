import type { DeclaredEdit } from '../model/declared.ts';
import { addressOf, type Endpoint } from '../model/endpoint.ts';
import { isService, keyOf, type Stored, titleOf, type Wish } from '../model/kinds.ts';
import type { Service } from '../model/service.ts';
import { wishOf } from '../model/wish-of.ts';
import { problemOf, type Read, type Wished } from './declarations.ts';
import type { DeclaredObjects } from './declared-state.ts';
import { overridden } from './overridden.ts';
import type { Problem } from './provider.ts';

export interface Reconciled {
  readonly problems: readonly Problem[];
  /** What was made of it; undefined where nothing changed. */
  readonly revision: number | undefined;
  /** The keys of what another provider will take over. */
  readonly passed: readonly string[];
}

export interface ReconcileOptions {
  readonly provider: string;
  readonly read: Read;
  readonly objects: DeclaredObjects;
  /** What was taken over before, by key; what is still the same object is passed over. */
  readonly taken: Map<string, Wish>;
  /** Who goes before this provider with an object of that key. */
  before(key: string): string | undefined;
  /** Whether another provider declares it, too, and will take it over. */
  isWanted(key: string): boolean;
}

/**
 * Brings what the registry has of a provider to what it declared.
 * @param keys of what may be another than before; all unless given
 * @throws EnvoyageError store-failed, secret-key-unusable; then nothing is changed
 */
export function reconcile(options: ReconcileOptions, keys?: Iterable<string>): Reconciled {
  const { provider, read, objects, taken, before, isWanted } = options;
  const problems: Problem[] = [...read.problems];
  const edits: DeclaredEdit[] = [];
  const passed: string[] = [];
  for (const key of keys ?? allKeys(options)) {
    const wished = read.wishes.get(key);
    if (wished !== undefined) {
      const first = before(key);
      if (first === undefined) edits.push(...editOf(key, wished, options));
      else problems.push(shadowed(key, wished, first));
      continue;
    }
    const object = objects.object(key);
    if (object?.provider !== provider || read.wrong.has(key) || read.keeps(object.origin)) continue;
    if (isWanted(key)) passed.push(key);
    else edits.push({ op: 'remove', key });
  }
  if (edits.length === 0) return { problems, revision: undefined, passed };
  let { changed, revision, refused } = objects.declare(provider, edits);
  for (const edit of edits) {
    const key = edit.op === 'apply' ? keyOf(edit.wish) : edit.key;
    if (edit.op === 'apply' && !refused.has(key)) taken.set(key, edit.wish);
    else taken.delete(key);
  }
  for (const [key, fault] of refused) if (read.wishes.has(key)) problems.push(problemOf(fault, key, read.wishes.get(key)?.declaration));
  const emptied = [...refused.keys()].flatMap((key) => (read.wishes.has(key) ? [] : kept(objects.object(key))));
  if (emptied.length > 0) {
    const left = objects.declare(provider, emptied);
    if (left.changed) ({ changed, revision } = left);
  }
  for (const [key, fault] of refused) if (!read.wishes.has(key)) problems.push(stillInUse(key, fault.message));
  return { problems, revision: changed ? revision : undefined, passed };
}

function allKeys({ provider, read, objects }: ReconcileOptions): Set<string> {
  const keys = new Set(read.wishes.keys());
  for (const object of objects.declared(provider)) keys.add(keyOf(object));
  return keys;
}

function editOf(key: string, { wish, declaration }: Wished, { provider, objects, taken }: ReconcileOptions): DeclaredEdit[] {
  const over = overridden(wish, objects.overrides.of(key));
  const now = objects.object(key);
  const isThere = taken.get(key) === over && now?.provider === provider && (declaration.origin === undefined || now.origin === declaration.origin);
  return isThere ? [] : [{ op: 'apply', wish: over, origin: declaration.origin }];
}

/** What is gone, and referred to: a service stays without anybody behind it. */
function kept(object: Stored | undefined): DeclaredEdit[] {
  if (object === undefined || !isService(object)) return [];
  const wish = wishOf<Service>(object);
  const endpoints = wish.endpoints.map(
    (endpoint): Endpoint => ({ ...(typeof endpoint === 'string' ? {} : endpoint), address: addressOf(endpoint), state: 'disabled' }),
  );
  return [{ op: 'apply', wish: { ...wish, endpoints }, origin: object.origin }];
}

function shadowed(key: string, { declaration }: Wished, by: string): Problem {
  const message = `provider "${by}" declares ${titleOf(key)} as well, and goes before this one`;
  const hint = 'give one of the two another name; --provider-priority says which provider goes first';
  return { code: 'shadowed', key, origin: declaration.origin, message, hint };
}

function stillInUse(key: string, why: string): Problem {
  return {
    code: 'still-in-use',
    key,
    message: `it is declared no more, and stays without endpoints: ${why}`,
    hint: 'change what refers to it, and it goes by itself',
  };
}
