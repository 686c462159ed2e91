import { expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import type { Edit } from '../model/edit.ts';
import { keyOf, type Wish } from '../model/kinds.ts';
import { groupsOverlap, type Service, sameService } from '../model/service.ts';
import { wishOf } from '../model/wish-of.ts';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { tempDir } from './testkit.ts';

type ServiceEdit = Exclude<Edit, { op: 'apply' | 'remove' }>;

/** The registry as anybody would write it who need not be fast: a plain list, looked through each time. */
class Naive {
  services: { service: Service; revision: number }[] = [];
  revision = 0;

  /** The error code, or undefined. */
  commit(edits: readonly ServiceEdit[]): string | undefined {
    let next = [...this.services];
    for (const edit of edits) {
      const id = 'id' in edit ? edit.id : edit.service.id;
      const current = next.find(({ service }) => service.id === id);
      if (edit.op === 'create' && current !== undefined) return 'service-exists';
      if ((edit.op === 'delete' || edit.op === 'update') && current === undefined) return 'service-not-found';
      if (edit.op !== 'create' && edit.expect !== undefined && current?.revision !== edit.expect) return 'precondition-failed';
      const service = edit.op === 'delete' ? undefined : edit.op === 'update' ? edit.change(current?.service as never) : edit.service;
      if (service !== undefined && current !== undefined && sameService(service, current.service)) continue;
      next = next.filter((one) => one !== current);
      if (service === undefined) continue;
      if (next.some((other) => other.service.host === service.host && groupsOverlap(other.service, service))) return 'host-taken';
      next.push({ service: wishOf(service), revision: this.revision + 1 });
    }
    next = next.map((one) => this.services.find((old) => sameService(old.service, one.service)) ?? one);
    if (next.length === this.services.length && next.every((one) => this.services.includes(one))) return undefined;
    this.services = next;
    this.revision++;
    return undefined;
  }

  list(): (Service & { revision: number })[] {
    return this.services.map(({ service, revision }) => ({ ...service, revision })).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** mulberry32: small, and the same everywhere for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function randomEdit(dice: (below: number) => number, revision: number): ServiceEdit {
  const groups = ['edge', 'lab', 'zoo'].filter(() => dice(3) === 0);
  const id = `s${dice(8)}`;
  const service: Service = { id, host: `h${dice(6)}`, endpoints: [`e${dice(3)}:1`], ...(groups.length === 0 ? {} : { groups }) };
  const expected = dice(4) === 0 ? { expect: Math.max(1, revision - dice(6)) } : {};
  switch (dice(5)) {
    case 0:
      return { op: 'create', service };
    case 1:
      return { op: 'delete', id, ...expected };
    case 2:
      return { op: 'update', id, change: (current) => ({ ...current, endpoints: service.endpoints }), ...expected };
    default:
      return { op: 'put', service, ...expected };
  }
}

function seen(registry: Registry): { services: object[]; revision: number; size: number } {
  const services = [...registry.list()].map((service) => ({ ...wishOf(service), revision: service.revision }));
  return { services, revision: registry.revision, size: registry.size };
}

it.each([1, 2, 3, 4, 5])('does what a naive model does, edit by edit and over restarts (seed %i)', (seed) => {
  using dir = tempDir();
  const dice = random(seed);
  const naive = new Naive();
  let registry = openRegistry({ dataDir: dir.path });
  for (let step = 0; step < 400; step++) {
    const edits = Array.from({ length: 1 + dice(4) * dice(2) }, () => randomEdit(dice, naive.revision));
    let code: string | undefined;
    try {
      registry.commit(edits, 'ann');
    } catch (thrown) {
      if (!(thrown instanceof EnvoyageError)) throw thrown;
      code = thrown.code;
    }
    expect(code).toBe(naive.commit(edits));
    expect(seen(registry)).toEqual({ services: naive.list(), revision: naive.revision, size: naive.services.length });
    if (dice(40) === 0) {
      registry.close();
      registry = openRegistry({ dataDir: dir.path });
      expect(seen(registry)).toEqual({ services: naive.list(), revision: naive.revision, size: naive.services.length });
    }
  }

  // The revisions alone lead from nothing to now, and back.
  const revisions = registry.revisions({ limit: 1000 });
  const replayed = new Map<string, Wish>();
  for (const { changes } of revisions.toReversed()) {
    for (const { id, before, after } of changes) {
      expect(replayed.get(id) ?? null).toEqual(before);
      if (after === null) replayed.delete(id);
      else replayed.set(id, after);
    }
  }
  expect([...replayed.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))).toEqual([...registry.list()].map(wishOf));
  expect(revisions.map(({ number }) => number)).toEqual(Array.from({ length: naive.revision }, (_, i) => naive.revision - i));
  registry.close();
});
