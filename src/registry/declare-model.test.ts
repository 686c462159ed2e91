import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import type { DeclaredEdit } from '../model/declared.ts';
import type { Edit } from '../model/edit.ts';
import { keyOf, type Stored, type Wish } from '../model/kinds.ts';
import { referencesOf } from '../model/references.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { tempDir } from './testkit.ts';

/** People and two providers at random over few names, hosts and references, so that they get into each other's way all the time. */

const NAMES = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...NAMES);
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({ id: name, host: fc.constantFrom('h1', 'h2', 'h3'), endpoints: fc.constantFrom(['x:1'], ['x:2']) }),
  fc.record({ kind: fc.constant('Route' as const), name, hosts: fc.constant(['r.example.com']), to: name.map((service) => [{ service }]) }),
);
const edits = fc.uniqueArray(
  fc.oneof(
    { weight: 3, arbitrary: wish.map((each): DeclaredEdit => ({ op: 'apply', wish: each })) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('', 'Route/'), name).map(([kind, of]): DeclaredEdit => ({ op: 'remove', key: `${kind}${of}` })) },
  ),
  { selector: keyIn, maxLength: 6 },
);
const step = fc.record({ by: fc.constantFrom('people', 'docker', 'file'), edits });

function keyIn(edit: DeclaredEdit): string {
  return edit.op === 'apply' ? keyOf(edit.wish) : edit.key;
}

function contentOf(registry: Registry): Map<string, Stored> {
  return new Map([...registry.objects()].map((each) => [keyOf(each), each]));
}

function consistent(registry: Registry): void {
  const all = contentOf(registry);
  for (const [key, each] of all) for (const target of referencesOf(each)) expect(all.has(target), `${key} refers to ${target}`).toBe(true);
  const hosts = [...registry.list()].map(({ host }) => host);
  expect(new Set(hosts).size).toBe(hosts.length);
  for (const provider of ['docker', 'file']) {
    const own = [...all.values()].filter((each) => each.provider === provider).map(keyOf);
    expect([...registry.declared(provider)].map(keyOf).toSorted()).toEqual(own.toSorted());
  }
}

it('is always consistent, and every refusal has a reason that still holds', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      using dir = tempDir();
      const registry = openRegistry({ dataDir: dir.path });
      for (const { by, edits: wanted } of steps) {
        const before = contentOf(registry);
        if (by === 'people') {
          try {
            registry.commit(wanted as Edit[], by);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EnvoyageError);
            expect(contentOf(registry)).toEqual(before);
          }
          for (const [key, each] of before) if (each.provider !== undefined) expect(registry.object(key)).toEqual(each);
        } else {
          let { refused, changed } = registry.declare(by, wanted);
          for (let i = 0; changed; i++) {
            expect(i).toBeLessThan(wanted.length);
            ({ refused, changed } = registry.declare(by, wanted));
          }
          const after = contentOf(registry);
          for (const key of refused.keys()) expect(after.get(key)).toEqual(before.get(key));
          for (const [key, each] of before) if (each.provider === undefined) expect(after.get(key)).toEqual(each);
          for (const edit of wanted) {
            if (refused.has(keyIn(edit))) continue;
            if (edit.op === 'remove') expect(after.has(edit.key)).toBe(false);
            else expect(after.get(keyIn(edit))).toMatchObject({ ...edit.wish, provider: by });
          }
          // Each refusal stands, by itself, over what came of the rest, unless it refers to what was to go and could not.
          const going = wanted.flatMap((edit) => (edit.op === 'remove' ? [edit.key] : []));
          const isSound = (edit: DeclaredEdit): boolean => edit.op === 'remove' || !referencesOf(edit.wish).some((key) => going.includes(key));
          for (const edit of wanted.filter(isSound))
            if (refused.has(keyIn(edit))) expect([...registry.declare(by, [edit]).refused.keys()]).toEqual([keyIn(edit)]);
        }
        consistent(registry);
      }
      const content = contentOf(registry);
      registry.close();
      const again = openRegistry({ dataDir: dir.path });
      expect(contentOf(again)).toEqual(content);
      consistent(again);
      again.close();
    }),
    { numRuns: 60 },
  );
});
