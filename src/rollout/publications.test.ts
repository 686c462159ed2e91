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

  it('is found by the publication that a stream has come to', () => {
    const made = publications([1, -1, 1], [4, 1, 2]);
    expect([0, 1, 3, 4, 9].map((seq) => made.at(seq)?.revision)).toEqual([undefined, 1, 1, 2, 2]);
    expect(made.newest?.seq).toBe(4);
  });
});
