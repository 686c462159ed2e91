import { describe, expect, it } from 'vitest';
import type { Revision } from '../../model/revision.ts';
import { parseCursor } from './cursor.ts';
import { EventHub, type Reader } from './hub.ts';

const NOW = new Date('2026-01-01T12:00:00.000Z');

/** A journal that keeps the newest `kept` revisions. */
class FakeJournal {
  readonly all: Revision[] = [];
  kept = Number.POSITIVE_INFINITY;
  get revision(): number {
    return this.all.length;
  }
  revisions({ limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number | undefined }): Revision[] {
    const known = this.all.filter(({ number }) => number < before && number > this.all.length - this.kept);
    return known.toReversed().slice(0, limit);
  }
  commit(): Revision {
    const after = { id: 'web', endpoints: [`a:${this.all.length + 1}`] };
    const revision = { number: this.all.length + 1, time: NOW.toISOString(), author: 'ann', changes: [{ id: 'web', before: null, after }] };
    this.all.push(revision);
    return revision;
  }
}

function create(capacity: number, older = 0) {
  const journal = new FakeJournal();
  for (let i = 0; i < older; i++) journal.commit();
  const hub = new EventHub({ journal, capacity, subscribers: 2, run: 'r', now: () => NOW });
  return { journal, hub, commit: (times = 1) => Array.from({ length: times }, () => hub.committed(journal.commit())) };
}

function readAll(reader: Reader): string[] {
  const read: string[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) read.push(`${next.event.event} ${next.event.revision}`);
  return read;
}

const since = (text: string) => parseCursor(text, 'since');
const never = (): void => undefined;

describe('EventHub', () => {
  it('gives each its own pace, from the moment it came', () => {
    const { hub, commit } = create(10);
    commit();
    const woken: string[] = [];
    const reader = hub.subscribe(undefined, undefined, () => woken.push('woken'));
    expect(readAll(reader)).toEqual([]);
    commit(2);
    hub.publish({ event: 'publication' });
    expect(woken).toHaveLength(3);
    expect(readAll(reader)).toEqual(['revision 2', 'revision 3', 'publication 3']);
    expect(readAll(reader)).toEqual([]);
  });

  it('lets go of a reader that the ring has overtaken, and holds nothing for it', () => {
    const { hub, commit } = create(10);
    const reader = hub.subscribe(undefined, undefined, never);
    commit(10);
    expect(reader.ended).toBe(false);
    commit();
    expect([reader.ended, hub.readers, reader.next()]).toEqual([true, 0, undefined]);
  });

  it('begins in the ring where it reaches back so far, else with the journal', () => {
    const { hub, commit } = create(5, 3);
    commit(4);
    expect(readAll(hub.subscribe(since('5'), undefined, never))).toEqual(['revision 6', 'revision 7']);
    expect(readAll(hub.subscribe(since('3'), undefined, never))).toEqual(['revision 4', 'revision 5', 'revision 6', 'revision 7']);
    const { hub: other, commit: commitMore } = create(5, 3);
    commitMore(12);
    expect(readAll(other.subscribe(since('1'), undefined, never))).toEqual(['gap 1', ...Array.from({ length: 14 }, (_, i) => `revision ${i + 2}`)]);
  });

  it('reads far back page by page', () => {
    const { hub, commit } = create(5, 1234);
    commit(3);
    expect(readAll(hub.subscribe(since('0'), undefined, never))).toEqual(['gap 0', ...Array.from({ length: 1237 }, (_, i) => `revision ${i + 1}`)]);
  });

  it('says which revisions not even the journal knows', () => {
    const { hub, journal } = create(5, 500);
    journal.kept = 50;
    const reader = hub.subscribe(since('10'), undefined, never);
    const read = readAll(reader);
    expect(read.filter((each) => each.startsWith('gap'))).toEqual(['gap 10', 'gap 110', 'gap 210', 'gap 310', 'gap 410', 'gap 450']);
    expect(read.filter((each) => each.startsWith('revision'))).toEqual(Array.from({ length: 50 }, (_, i) => `revision ${451 + i}`));
  });

  it('passes over what is not wanted, but for a gap', () => {
    const { hub, commit } = create(5, 10);
    commit();
    hub.publish({ event: 'publication' });
    expect(readAll(hub.subscribe(since('5'), new Set(['publication']), never))).toEqual(['gap 5', 'publication 11']);
  });

  it('goes on after an event of its own, and tells who comes from another run what it missed', () => {
    const { hub, commit } = create(5);
    commit();
    const reader = hub.subscribe(since('0'), undefined, never);
    const id = reader.next()?.id ?? '';
    expect(id).toBe('r-1-1');
    hub.publish({ event: 'publication' });
    reader.end();
    expect(readAll(hub.subscribe(since(id), undefined, never))).toEqual(['publication 1']);
    expect(readAll(hub.subscribe(since('other-7-1'), undefined, never))).toEqual(['gap 1', 'publication 1']);
    expect(() => hub.subscribe(undefined, undefined, never)).toThrow('2 listen to events already');
  });

  it('has no content of objects in its events', () => {
    const { hub, journal } = create(5);
    const reader = hub.subscribe(undefined, undefined, never);
    const before = { kind: 'Certificate', name: 'web', cert: 'c', key: 'SECRET-1' } as const;
    hub.committed({ ...journal.commit(), changes: [{ id: 'Certificate/web', before, after: { ...before, key: 'SECRET-2' } }] });
    const told = JSON.stringify(reader.next());
    expect(told).toContain('"fields":["key"]');
    expect(told).not.toContain('SECRET');
  });
});
