import { describe, expect, it, vi } from 'vitest';
import { Publisher } from './publisher.ts';

function setUp(revision = 0) {
  const published: { ids: string[]; revision: number; acceptedAt: number; again: readonly string[] }[] = [];
  const caused: string[][] = [];
  const publisher = new Publisher(revision, (ids, newest, acceptedAt, again, causes) => {
    published.push({ ids: [...ids], revision: newest, acceptedAt, again });
    caused.push(causes.map(({ spanId }) => spanId));
  });
  return { publisher, published, caused };
}

const commit = (number: number, ...ids: string[]) => ({ number, changes: ids.map((id) => ({ id })) });

describe('the publisher', () => {
  it('melts what one turn of the event loop brings into one publication', async () => {
    const { publisher, published } = setUp();
    const before = performance.now();
    publisher.notice(commit(1, 'a', 'b'));
    publisher.notice(commit(2, 'b', 'c'));
    publisher.resend('d');
    expect(published).toEqual([]);
    await publisher.flushed();
    expect(published).toEqual([{ ids: ['a', 'b', 'c'], revision: 2, acceptedAt: expect.any(Number), again: ['d'] }]);
    expect(published[0]?.acceptedAt).toBeGreaterThanOrEqual(before);
  });

  it('starts the next with what comes later, and forgets what is published', async () => {
    const { publisher, published } = setUp(7);
    publisher.resend('a');
    await publisher.flushed();
    publisher.notice(commit(8, 'b'));
    await publisher.flushed();
    expect(published.map(({ ids, revision, again }) => [ids, revision, again])).toEqual([
      [[], 7, ['a']],
      [['b'], 8, []],
    ]);
  });

  it('publishes at once where asked to, and once', async () => {
    const { publisher, published } = setUp();
    publisher.flush();
    publisher.notice(commit(1, 'a'));
    const flushed = publisher.flushed();
    publisher.flush();
    expect(published.map(({ ids }) => ids)).toEqual([['a']]);
    await flushed;
    await new Promise((resolve) => setImmediate(resolve));
    publisher.notice(commit(2, 'b'));
    await publisher.flushed();
    expect(published.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
  });

  it('says which changes go out together with an earlier one, and passes on what caused them', async () => {
    const { publisher, caused } = setUp();
    const cause = (spanId: string) => ({ traceId: 't', spanId, sampled: true });
    expect(publisher.notice(commit(1, 'a'), cause('one'))).toBe(false);
    expect(publisher.notice(commit(2, 'a'))).toBe(true);
    publisher.resend('b', cause('two'));
    await publisher.flushed();
    expect(publisher.notice(commit(3, 'a'))).toBe(false);
    for (let i = 0; i < 200; i++) publisher.resend('a', cause(`${i}`));
    await publisher.flushed();
    expect(caused[0]).toEqual(['one', 'two']);
    expect(caused[1]).toHaveLength(128);
  });

  it('is flushed where there is nothing to publish', async () => {
    const { publisher, published } = setUp();
    await publisher.flushed();
    expect(published).toEqual([]);
  });

  it('closed, publishes no more and keeps nobody waiting', async () => {
    const { publisher, published } = setUp();
    publisher.notice(commit(1, 'a'));
    const flushed = publisher.flushed();
    publisher.close();
    await flushed;
    publisher.notice(commit(2, 'b'));
    await publisher.flushed();
    await vi.waitFor(() => new Promise((resolve) => setImmediate(resolve)));
    expect(published).toEqual([]);
  });
});
