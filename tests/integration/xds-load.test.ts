import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait.ts';
import { contents, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';

/** Case 25 (backpressure), and sizes. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

const { cds, eds, sds } = TYPES;

describe('case 25: a slow client', () => {
  it.each(['delta', 'sotw'] as const)('%s: that does not answer gets few of many changes, and in the end the newest', async (variant) => {
    server.publish(edit(sds, 'a', '0'));
    const stream = open(variant);
    stream.subscribe(sds, ['a']);
    await stream.take(['a']);
    await stream.rest();
    for (let i = 1; i <= 1000; i++) server.publish(edit(sds, 'a', String(i)));
    const few = await stream.rest();
    expect(few.length).toBeLessThan(50);
    for (const response of few) stream.ack(response, ['a']);
    expect((await stream.rest()).map(contents)).toEqual([['a=1000']]);
  });

  it.each(['delta', 'sotw'] as const)('%s: that does not read is written to until its windows are full, and no further', async (variant) => {
    const big = (content: string) => edit(sds, 'a', content.padStart(1_000_000, '.'));
    server.publish(big('0'));
    const stream = open(variant);
    stream.subscribe(sds, ['a']);
    await stream.take(['a']);
    await stream.rest();
    stream.pause();
    const report = server.reports[0]?.report ?? [];
    const sent = (): number => report.filter((what) => what === 'sent sds').length;
    const before = sent();
    for (let i = 1; i <= 300; i++) server.publish(big(String(i)));
    expect(sent() - before).toBeLessThanOrEqual(16);
    // Others are not held up.
    const other = open(variant);
    other.subscribe(sds, ['a']);
    expect((await other.take(['a'])).resources[0]?.body).toMatch(/\.300$/);
    stream.resume();
    let newest = '';
    while (!newest.endsWith('.300')) newest = (await stream.take(['a'])).resources[0]?.body ?? '';
    await stream.rest();
    await waitFor('everything to be answered', () => report.at(-1) === `settled ${server.store.seq}`);
    expect(sent() - before).toBeLessThanOrEqual(20);
  });

  it('that does not read is not written to for every type that it asked for', async () => {
    const types = Array.from({ length: 8 }, (_, i) => `type.googleapis.com/test.T${i}`);
    const stream = open('delta');
    for (const type of types) {
      stream.subscribe(type, ['a']);
      await stream.take();
    }
    await stream.rest();
    stream.pause();
    const report = server.reports[0]?.report ?? [];
    const before = report.length;
    for (let i = 0; i < 20; i++) server.publish(...types.map((type) => edit(type, 'a', `${i}`.padStart(500_000, '.'))));
    expect(report.slice(before).filter((what) => what === 'sent other').length).toBeLessThanOrEqual(16);
    stream.resume();
    const newest = new Map<string, string>();
    while (types.some((type) => !newest.get(type)?.endsWith('.19'))) {
      const { typeUrl, resources } = await stream.take();
      newest.set(typeUrl, resources[0]?.body ?? '');
    }
  });

  it('that lags behind more than is remembered starts anew', async () => {
    server.publish(edit(sds, 'a', '0'));
    const stream = open('delta');
    stream.subscribe(sds, ['a']);
    await stream.next();
    for (let i = 1; i <= 5000; i++) server.publish(edit(sds, 'a', String(i)));
    for (const response of await stream.rest()) stream.ack(response);
    expect((await stream.ended()).details).toBe('the stream lags too far behind');
    const again = open('delta');
    again.subscribe(sds, ['a']);
    expect(contents(await again.take())).toEqual(['a=5000']);
  });
});

describe('sizes', () => {
  it('delta: a large state comes in parts that any client can receive, all of it, and what follows as one', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `a${i}`);
    server.publish(...names.map((name) => edit(cds, name, '.'.repeat(200_000))));
    const stream = open('delta');
    stream.subscribe(cds);
    const parts = await stream.rest();
    expect(parts.length).toBeGreaterThan(5);
    expect(Math.max(...parts.map(({ size }) => size))).toBeLessThan(4 << 20);
    expect(parts.flatMap(({ resources }) => resources.map(({ name }) => name)).toSorted()).toEqual(names.toSorted());
    expect(new Set(parts.map(({ nonce }) => nonce)).size).toBe(parts.length);
    for (const part of parts) stream.ack(part);
    await stream.rest();
    expect(server.reports[0]?.report.at(-1)).toBe(`settled ${server.store.seq}`);
    server.publish(edit(cds, 'a7', 'small'));
    expect((await stream.rest()).map(contents)).toEqual([['a7=small']]);
  });

  it('delta: removals of a large change come with its last part', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `a${i}`);
    server.publish(...names.map((name) => edit(sds, name, 'x')));
    const stream = open('delta');
    stream.subscribe(sds, names);
    await stream.take();
    await stream.rest();
    server.publish(...names.slice(1).map((name) => edit(sds, name, '.'.repeat(200_000))), edit(sds, 'a0', null));
    const parts = await stream.rest();
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ removed }) => removed).filter((removed) => removed.length > 0)).toEqual([['a0']]);
    expect(parts.at(-1)?.removed).toEqual(['a0']);
  });

  it.each(['delta', 'sotw'] as const)('%s: 50 streams at once each get 10,000 clusters and their endpoints', async (variant) => {
    const names = Array.from({ length: 10_000 }, (_, i) => `eds-${i}`);
    server.publish(...names.flatMap((name) => [edit(cds, name, 'cluster of about the size of a small one'), edit(eds, name, 'its endpoints, two of them')]));
    const streams = Array.from({ length: 50 }, () => open(variant));
    await Promise.all(
      streams.map(async (stream) => {
        stream.subscribe(cds);
        const clusters = await gather(stream, 10_000);
        stream.subscribe(eds, clusters);
        expect((await gather(stream, 10_000, clusters)).length).toBe(10_000);
      }),
    );
    await waitFor('everything to be answered', () => server.reports.every(({ report }) => report.at(-1) === `settled ${server.store.seq}`));
  });
});

/** The names of so many resources, in as many responses as it takes. */
async function gather(stream: TestStream, count: number, asked: readonly string[] = []): Promise<string[]> {
  const names = new Set<string>();
  while (names.size < count) for (const { name } of (await stream.take(asked)).resources) names.add(name);
  return [...names];
}
