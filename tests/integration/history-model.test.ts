import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan } from '../../src/api/objects/plan.ts';
import { planRollback } from '../../src/api/objects/rollback.ts';
import { EnvoyageError } from '../../src/lib/errors.ts';
import { KINDS, keyOf, kindOf, type Wish } from '../../src/model/kinds.ts';
import { documentOf, parseWish } from '../../src/model/schemas.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { Translations } from '../../src/rollout/translations.ts';
import { View } from '../../src/rollout/view.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { Authority } from '../support/certificates.ts';
import { Random } from '../support/random.ts';

/**
 * Random edits over all kinds of objects, and what Envoys are given after each. The bytes must depend on the state alone: not on
 * the way that led there, and not on how often it was left and came back.
 */

const translator = createTranslator(loadEnvoyApi());
const authority = new Authority('test');
const PAIRS = ['a', 'b', 'c'].map((name) => authority.issue({ dns: [`${name}.example.com`] }));
const GROUPS = ['default', 'edge'];

const generator = (seed: number): Below => {
  const random = new Random(seed);
  return (below) => random.below(below);
};

type Below = (below: number) => number;

function randomWish(below: Below): Wish {
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const common = { ...(below(3) === 0 ? { groups: [pick(GROUPS)] } : {}), ...(below(4) === 0 ? { labels: { team: pick(['web', 'api']) } } : {}) };
  const host = (): string =>
    pick([
      'a.example.com',
      'b.example.com',
      '*.example.com',
      'c.example.org',
      'd.example.org',
      'e.example.org',
      'f.example.net',
      'g.example.net',
      '*.example.net',
    ]);
  switch (pick([...KINDS, 'Service', 'Service', 'Route', 'Route'] as const)) {
    case 'Service':
      return parseWish({
        kind: 'Service',
        name: `s${below(8)}`,
        ...(below(3) === 0 ? {} : { host: host() }),
        endpoints: [`10.0.0.${below(9)}:80`, ...(below(2) === 0 ? [`db-${below(3)}:80`] : [])],
        ...common,
      });
    case 'Route':
      return parseWish({
        kind: 'Route',
        name: `r${below(8)}`,
        hosts: [host()],
        ...(below(3) === 0 ? {} : { match: [{ path: pick([{ exact: '/x' }, { prefix: '/api' }, { prefix: '/' }]) }] }),
        ...(below(4) === 0 ? { priority: below(3) } : {}),
        ...(below(5) === 0
          ? { respond: { status: 404 } }
          : { to: [{ service: `s${below(8)}`, weight: 1 + below(9) }], ...(below(4) === 0 ? { timeout: `${1 + below(30)}s` } : {}) }),
        ...common,
      });
    case 'Listener': {
      const name = pick(['http', 'l1', 'l2']);
      const tls = below(2) === 0 ? { protocol: 'https', certificates: [`c${below(3)}`] } : { protocol: 'http' };
      return parseWish({ kind: 'Listener', name, address: `127.0.0.1:${10_000 + below(20)}`, ...tls, ...common });
    }
    case 'Certificate':
      return parseWish({ kind: 'Certificate', name: `c${below(3)}`, ...pick(PAIRS), ...common });
    case 'Raw':
      return parseWish({
        kind: 'Raw',
        name: `x${below(4)}`,
        type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
        resource: { connectTimeout: `${1 + below(9)}s` },
        ...common,
      });
  }
}

/** Envoys of two groups, followed commit by commit. */
class Fleet {
  readonly #views: readonly View[];
  constructor(registry: Registry) {
    this.#views = GROUPS.map((group) => {
      const view = new View(group, 'ads', new Translations(translator), translator);
      view.fill(registry, { host: '127.0.0.1', port: 9999 });
      return view;
    });
  }
  follow(registry: Registry, keys: readonly string[]): void {
    for (const view of this.#views) view.follow(registry, keys);
  }
  /** Every name and byte that they are given, and the sums that versions are made of. */
  get snapshot(): string {
    const hash = createHash('sha256');
    for (const { store } of this.#views) {
      for (const type of [...store.types()].toSorted()) {
        const resources = [...store.resources(type)].toSorted(([a], [b]) => (a < b ? -1 : 1));
        if (resources.length === 0) continue;
        hash.update(`${type} ${store.sum(type)}\n`);
        for (const [name, { any }] of resources) hash.update(`${name} ${any.length}\n`).update(any);
      }
    }
    return hash.digest('hex');
  }
}

/** @param secretKeyFile of another, where keys sealed there are to open here */
function withRegistry<T>(work: (registry: Registry, secretKeyFile: string) => T, secretKeyFile?: string): T {
  const folder = mkdtempSync(join(tmpdir(), 'envoyage-history-'));
  const registry = openRegistry({ dataDir: join(folder, 'data'), secretKeyFile });
  try {
    return work(registry, secretKeyFile ?? join(folder, 'data', 'secret.key'));
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One commit of a few random edits, or none where the state does not take them. */
function step(registry: Registry, below: Below): readonly string[] {
  const keys = [...registry.objects()].map(keyOf);
  const gone = below(4) === 0 && keys.length > 0 ? [keys[below(keys.length)] as string] : [];
  const wanted = new Map(Array.from({ length: below(4) }, () => randomWish(below)).map((wish) => [keyOf(wish), wish]));
  for (const key of gone) wanted.delete(key);
  return commit(registry, () =>
    plan(
      registry,
      [...wanted.values()].map((wish) => ({ wish })),
      gone,
    ),
  );
}

function commit(registry: Registry, planned: () => ReturnType<typeof plan>): readonly string[] {
  try {
    return registry.commit(planned().edits, 'test').changes.map(({ id }) => id);
  } catch (thrown) {
    if (thrown instanceof EnvoyageError && thrown.status === 409) return [];
    throw thrown;
  }
}

const wishes = (registry: Registry): Wish[] => [...registry.objects()].map((object) => parseWish(documentOf(object)));

describe('snapshots', () => {
  it.each([1, 2])('of any of the last 1,000 revisions come back byte by byte with a rollback (seed %i)', (seed) =>
    withRegistry((registry) => {
      const below = generator(seed);
      const fleet = new Fleet(registry);
      const then = new Map([[0, fleet.snapshot]]);
      while (registry.revision < 1000) {
        fleet.follow(registry, step(registry, below));
        then.set(registry.revision, fleet.snapshot);
      }
      expect(new Set([...registry.objects()].map(kindOf)).size).toBe(KINDS.length);
      expect(new Set(then.values()).size).toBeGreaterThan(500);
      const last = registry.revision;
      const targets = [0, 1, last - 1, ...Array.from({ length: 80 }, () => below(last))];
      for (const target of targets) {
        fleet.follow(
          registry,
          registry.commit(planRollback(registry, target).edits, 'test').changes.map(({ id }) => id),
        );
        expect([target, fleet.snapshot]).toEqual([target, then.get(target)]);
        expect([target, new Fleet(registry).snapshot]).toEqual([target, then.get(target)]);
      }
    }),
  );

  it.each([11, 12, 13, 14, 15])('are the same step by step, in other steps, and at once (seed %i)', (seed) =>
    withRegistry((registry, secretKeyFile) => {
      const below = generator(seed);
      const fleet = new Fleet(registry);
      for (let i = 0; i < 150; i++) fleet.follow(registry, step(registry, below));
      const final = wishes(registry);
      expect(final.length).toBeGreaterThan(8);
      withRegistry((atOnce) => {
        const other = new Fleet(atOnce);
        other.follow(
          atOnce,
          commit(atOnce, () =>
            plan(
              atOnce,
              final.map((wish) => ({ wish })),
              [],
            ),
          ),
        );
        expect(atOnce.revision).toBe(1);
        expect([other.snapshot, new Fleet(atOnce).snapshot]).toEqual([fleet.snapshot, fleet.snapshot]);
      }, secretKeyFile);
      withRegistry((another) => {
        const other = new Fleet(another);
        for (let i = 0; i < 40; i++) other.follow(another, step(another, below));
        // From wherever that led, in one step to the same state.
        const kept = new Set(final.map(keyOf));
        const gone = [...another.objects()].map(keyOf).filter((key) => !kept.has(key));
        other.follow(
          another,
          commit(another, () =>
            plan(
              another,
              final.map((wish) => ({ wish })),
              gone,
            ),
          ),
        );
        expect(other.snapshot).toBe(fleet.snapshot);
      }, secretKeyFile);
    }),
  );
});
