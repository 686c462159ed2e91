import { describe, expect, it } from 'vitest';
import { Publications } from './publications.ts';
import { testTranslator } from './testkit.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';

function publications(...items: [seq: number, after: number, revision: number, remaining?: number][]): Publications {
  const made = new Publications(new View('default', 'ads', new Translations(testTranslator), testTranslator));
  for (const [seq, after, revision, remaining = 1] of items) made.add({ seq, after, revision, acceptedAt: 0, remaining, completedAt: undefined });
  return made;
}

describe('the publication that holds a revision', () => {
  it('is the one that it was published in, alone or together with others', () => {
    const made = publications([1, -1, 3], [2, 3, 4], [3, 4, 8]);
    expect([0, 3, 4, 5, 8].map((revision) => made.holding(revision)?.seq)).toEqual([1, 1, 2, 3, 3]);
  });

  it('is none where the view was not touched, or not yet', () => {
    // Revisions 5 and 6 concerned others; publication 3 sent something once more and holds no revision of its own.
    const made = publications([1, -1, 4], [2, 6, 7], [3, 7, 7]);
    expect([5, 6, 7, 8].map((revision) => made.holding(revision)?.seq)).toEqual([undefined, undefined, 2, undefined]);
  });

  it('is the oldest known one where it is forgotten', () => {
    const made = publications([1, -1, 1]);
    for (let i = 2; i <= 5000; i++) made.add({ seq: i, after: i - 1, revision: i, acceptedAt: 0, remaining: 0, completedAt: 0 });
    const oldest = made.holding(2);
    expect(oldest?.seq).toBeGreaterThan(2);
    expect(made.holding(1)).toBe(oldest);
    expect(made.holding(5000)?.seq).toBe(5000);
  });
});

describe('a publication', () => {
  it('is complete when the last of its streams is done with it', () => {
    const made = publications([1, -1, 0, 0], [2, 0, 1, 2], [3, 1, 2, 2], [4, 2, 3, 2]);
    expect(made.done(1, 3, 100)).toEqual([]);
    expect(made.done(1, 2, 200).map(({ seq }) => seq)).toEqual([2]);
    expect(made.done(2, 4, 300).map(({ seq }) => seq)).toEqual([3]);
    expect(made.done(3, 4, 400).map(({ seq }) => seq)).toEqual([4]);
    expect([2, 3, 4].map((seq) => made.at(seq)?.completedAt)).toEqual([200, 300, 400]);
    expect(made.done(4, 4, 500)).toEqual([]);
  });

  it('remembers its first and its last answer, apart from those that came before it was announced or left', () => {
    const made = publications([1, -1, 0, 0], [2, 1, 1, 4]);
    const item = made.at(2);
    made.done(1, 2, 50);
    if (item !== undefined) item.announcedAt = 60;
    made.done(1, 2, 100);
    made.done(1, 2, 200);
    made.done(1, 2, 900, 'gone', true);
    expect(item).toMatchObject({ firstAnswerAt: 100, lastAnswerAt: 200, completedAt: 900, remaining: 0 });
  });

  it('is pending until then, or until it is forgotten', () => {
    const made = publications([1, -1, 1], [2, 1, 2]);
    expect(made.pending).toBe(2);
    made.done(1, 2, 100);
    expect(made.pending).toBe(1);
    for (let i = 3; i <= 4097; i++) made.add({ seq: i, after: i - 1, revision: i, acceptedAt: 0, remaining: 1, completedAt: undefined });
    expect(made.pending).toBe(4096 - 1023);
    expect(made.at(1024)).toBeUndefined();
  });

  it('has its watchers told who is done, and who refuses', () => {
    const made = publications([1, -1, 0, 0], [2, 0, 1, 2], [3, 1, 2, 2]);
    const told: unknown[] = [];
    const item = made.at(3);
    if (item !== undefined) item.watcher = { done: (...what) => told.push(what), rejected: (...what) => told.push(what) };
    expect([...made.watchers(1, 2)]).toEqual([]);
    for (const watcher of made.watchers(2, 3)) watcher.rejected('a', 'cds', 'no');
    made.done(1, 3, 100, 'a');
    made.done(2, 3, 200, 'b', true);
    expect(told).toEqual([
      ['a', 'cds', 'no'],
      ['a', 1, false],
      ['b', 0, true],
    ]);
  });

  it('is found by the publication that a stream has come to', () => {
    const made = publications([1, -1, 1], [4, 1, 2]);
    expect([0, 1, 3, 4, 9].map((seq) => made.at(seq)?.revision)).toEqual([undefined, 1, 1, 2, 2]);
    expect(made.newest?.seq).toBe(4);
  });
});
