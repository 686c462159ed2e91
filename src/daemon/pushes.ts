import type { PushPort } from '../api/push/ports.ts';
import type { PushAnswer } from '../api/types.ts';
import type { Logger } from '../lib/logger.ts';
import { keyOf, kindOf, nameOf, type Stored, splitKey, type Wish } from '../model/kinds.ts';
import type { ProviderProblem } from '../model/provider-status.ts';
import type { PushStatus } from '../model/push-status.ts';
import { isSealed } from '../model/sealed.ts';
import type { Aggregator } from '../providers/aggregator.ts';
import { dryRun } from '../providers/push/dry-run.ts';
import { providerOf } from '../providers/push/push-provider.ts';
import { type Push, Pushes, type PushStore } from '../providers/push/pushes.ts';
import { type Pushed, readPush, readTtl } from '../providers/push/read.ts';
import { shown } from '../providers/status.ts';
import type { Registry } from '../registry/registry.ts';

/** As many problems are shown with a push; the provider has all of them. */
const MOST_PROBLEMS = 100;

/** What was pushed, as it is kept. @throws EnvoyageError store-failed */
export function openPushes(registry: Registry, logger: Logger): Pushes {
  const pushes = new Pushes({
    store: storeIn(registry),
    onNews: ({ name, by, declared, ttl }, news) => logger.info({ push: name, by, objects: declared, ttl }, `push ${news}`),
    onError: (thrown) => logger.error({ err: thrown }, 'a push could not be read, or taken away'),
  });
  pushes.open();
  return pushes;
}

/** Keys of certificates are no more readable here than in the objects that they belong to. */
function storeIn({ deposits, secrets }: Registry): PushStore {
  return {
    load: function* () {
      for (const { body, ...push } of deposits.list('push')) yield { ...push, body: isSealed(body) ? secrets.open(body) : body };
    },
    save: ({ body, ...push }) => deposits.put({ kind: 'push', ...push, body: body.includes('PRIVATE KEY') ? secrets.seal(body) : body }),
    drop: (name) => deposits.delete('push', name),
  };
}

export interface PushPortOptions {
  readonly pushes: Pushes;
  readonly registry: Registry;
  readonly providers: Aggregator;
  readonly priority: readonly string[];
  /** What only others can tell of an object. @throws EnvoyageError */
  check(wish: Wish): void;
}

/** Pushes as the API asks for them. */
export function pushPort({ pushes, registry, providers, priority, check }: PushPortOptions): PushPort {
  const inForce = (provider: string): Stored[] => [...registry.declared(provider)];
  const statusOf = (push: Push): PushStatus => {
    const provider = push.provider.name;
    const { state, problems, problemCount } = providers.get(provider, MOST_PROBLEMS);
    const { name, by, at, declared } = push;
    return { name, provider, by, at, ...expiryOf(push), state, declared, inForce: inForce(provider).length, problems, problemCount };
  };
  const tried = (name: string, { objects, ttl }: Pushed): PushAnswer => {
    const provider = providerOf(name);
    const before = inForce(provider);
    const { changes, problems } = dryRun({ provider, objects, registry, plan: (by, edits) => registry.declare(by, edits, { dryRun: true }), priority, check });
    const changed = new Map(changes.map((change) => [change.id, change]));
    const kept = before.filter((object) => !changed.has(keyOf(object))).map((object) => resultOf(keyOf(object), 'unchanged'));
    const others = changes.map(({ id, before: was, after }) => resultOf(id, after === null ? 'deleted' : was === null ? 'created' : 'changed'));
    return {
      name,
      provider,
      revision: registry.revision,
      changed: changes.length > 0,
      dryRun: true,
      state: problems.length === 0 ? 'ok' : 'degraded',
      objects: sorted([...kept, ...others]),
      problems: problems.slice(0, MOST_PROBLEMS).map((problem): ProviderProblem => shown(problem, provider)),
      problemCount: problems.length,
      ...(ttl === undefined ? {} : { ttl }),
    };
  };
  return {
    counts: pushes.counts,
    list: () => pushes.list().map(statusOf),
    get: (name) => statusOf(pushes.get(name)),
    renew: (name) => statusOf(pushes.renew(name)),
    put: async (name, body, ttl, author, isDry) => {
      const read = readPush(body);
      const pushed = { ...read, ttl: ttl === undefined ? read.ttl : readTtl(ttl) };
      if (isDry) return tried(name, pushed);
      const provider = providerOf(name);
      const before = new Map(inForce(provider).map((object) => [keyOf(object), object.revision]));
      const push = await pushes.put(name, pushed, author);
      const { state, problems, problemCount } = providers.get(provider, MOST_PROBLEMS);
      const objects = differences(before, inForce(provider));
      const changed = objects.some(({ result }) => result !== 'unchanged');
      return { name, provider, revision: registry.revision, changed, dryRun: false, state, objects, problems, problemCount, ...expiryOf(push) };
    },
    remove: async (name) => {
      await pushes.remove(name);
      return { revision: registry.revision };
    },
  };
}

type Result = PushAnswer['objects'][number];

/** @param before revisions by key */
function differences(before: ReadonlyMap<string, number>, after: readonly Stored[]): Result[] {
  const there = new Set(after.map(keyOf));
  const gone = [...before.keys()].filter((key) => !there.has(key)).map((key) => resultOf(key, 'deleted'));
  const kept = after.map((object): Result => {
    const was = before.get(keyOf(object));
    const result = was === undefined ? 'created' : was === object.revision ? 'unchanged' : 'changed';
    return { kind: kindOf(object), name: nameOf(object), result };
  });
  return sorted([...kept, ...gone]);
}

function resultOf(key: string, result: Result['result']): Result {
  const [kind, name] = splitKey(key);
  return { kind, name, result };
}

function sorted(results: readonly Result[]): Result[] {
  return results.toSorted((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));
}

function expiryOf({ ttl, expires }: Push): { ttl?: number; expiresAt?: string } {
  return { ...(ttl === undefined ? {} : { ttl }), ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }) };
}
