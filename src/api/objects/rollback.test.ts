import { describe, expect, it } from 'vitest';
import { EnvoyageError } from '../../lib/errors.ts';
import { keyOf, type Stored, type Wish } from '../../model/kinds.ts';
import type { Revision } from '../../model/revision.ts';
import type { ServicesPort } from '../ports.ts';
import { planRollback } from './rollback.ts';

const service = (id: string, port: number): Wish => ({ id, host: `${id}.example.com`, endpoints: [`a:${port}`] });

/** A history in which revision n leads service `s` to port n, and the journal keeps the newest `kept`. */
function history(length: number, kept: number): { services: ServicesPort; asked: number[] } {
  const asked: number[] = [];
  const all = Array.from({ length }, (_, i): Revision => {
    const change = { id: 's', before: i === 0 ? null : service('s', i), after: service('s', i + 1) };
    return { number: i + 1, time: '', author: '', changes: [change] };
  }).slice(-kept);
  const services = {
    revision: length,
    reach: length - kept,
    object: (key: string) => (key === 's' ? ({ ...service('s', length), revision: length } as unknown as Stored) : undefined),
    revisions: ({ limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number | undefined }) => {
      asked.push(limit);
      return all
        .filter(({ number }) => number < before)
        .toReversed()
        .slice(0, limit);
    },
  };
  return { services: services as unknown as ServicesPort, asked };
}

const wished = (services: ServicesPort, revision: number): unknown[] =>
  planRollback(services, revision).edits.map((edit) => (edit.op === 'apply' ? [keyOf(edit.wish), (edit.wish as { endpoints?: unknown }).endpoints] : edit));

describe('planRollback', () => {
  it('undoes what came after the revision, and reads no more than that', () => {
    const { services, asked } = history(1000, 1000);
    expect(wished(services, 700)).toEqual([{ op: 'remove', key: 's' }, ['s', ['a:700']]]);
    expect(asked.reduce((sum, n) => sum + n, 0)).toBe(300);
    expect(wished(services, 0)).toEqual([{ op: 'remove', key: 's' }]);
    expect(wished(services, 1000)).toEqual([]);
  });

  it('goes back exactly as far as the journal does', () => {
    const { services } = history(1000, 400);
    expect(wished(services, 600)).toEqual([{ op: 'remove', key: 's' }, ['s', ['a:600']]]);
    for (const revision of [599, 300, 0]) {
      expect(() => planRollback(services, revision)).toThrow(
        expect.objectContaining({
          code: 'revision-not-found',
          message: `the journal reaches back to revision 601, so what was there as of revision ${revision} is not known any more`,
        }) as EnvoyageError,
      );
    }
    expect(() => planRollback(services, 1001)).toThrow(EnvoyageError);
  });
});
