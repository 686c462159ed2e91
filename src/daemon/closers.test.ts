import { describe, expect, it } from 'vitest';
import { Closers } from './closers.ts';

const ignore = (): void => undefined;

describe('Closers', () => {
  it('closes what was opened last first, each only when the one before it is done', async () => {
    const closers = new Closers();
    const seen: string[] = [];
    for (const name of ['registry', 'xds', 'api']) {
      closers.add(name, async () => {
        seen.push(`${name} closes`);
        await Promise.resolve();
        seen.push(`${name} closed`);
      });
    }
    expect(closers.order).toEqual(['api', 'xds', 'registry']);
    await closers.close(ignore);
    expect(seen).toEqual(['api closes', 'api closed', 'xds closes', 'xds closed', 'registry closes', 'registry closed']);
  });

  it('closes the others where one fails, and tells which it was', async () => {
    const closers = new Closers();
    const seen: unknown[] = [];
    const fault = new Error('x');
    closers.add('a', () => void seen.push('a closed'));
    closers.add('b', () => Promise.reject(fault));
    closers.add('c', () => {
      throw fault;
    });
    closers.add('d', () => void seen.push('d closed'));
    await closers.close((name, thrown) => seen.push([name, thrown]));
    expect(seen).toEqual(['d closed', ['c', fault], ['b', fault], 'a closed']);
  });

  it('closes once, however often it is asked to, and everyone waits for the end', async () => {
    const closers = new Closers();
    let closed = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    closers.add('a', async () => {
      await promise;
      closed++;
    });
    const both = Promise.all([closers.close(ignore), closers.close(ignore)]);
    resolve();
    await both;
    await closers.close(ignore);
    expect(closed).toBe(1);
  });

  it('has nothing to do where nothing was opened', async () => {
    await new Closers().close(ignore);
  });
});
