import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contents, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import type { Response } from '../support/xds-wire.ts';

/** What is sent after what. The numbers are those of the cases that naive servers get wrong. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

const { cds, eds, lds, rds } = TYPES;

/** A stream that holds a cluster, its endpoints, a listener and a route, as a client that has started. */
async function started(variant: Variant): Promise<TestStream> {
  server.publish(edit(cds, 'eds-old', '1'), edit(eds, 'eds-old', '1'), edit(lds, 'l', '1'), edit(rds, 'r', 'to old'));
  const stream = open(variant);
  stream.subscribe(cds);
  stream.ack(await stream.next());
  stream.subscribe(eds, ['eds-old']);
  await stream.take(['eds-old']);
  stream.subscribe(lds);
  await stream.take();
  stream.subscribe(rds, ['r']);
  await stream.take(['r']);
  await stream.rest();
  return stream;
}

function only(responses: readonly Response[]): Response {
  const [first, ...more] = responses;
  if (first === undefined || more.length > 0) throw new Error(`${responses.length} responses instead of one`);
  return first;
}

describe('case 10: a sotw response of listeners or clusters is the whole world, others may be partial', () => {
  it('of clusters and listeners', async () => {
    for (const type of [cds, lds]) {
      server.publish(edit(type, 'a', '1'), edit(type, 'b', '1'));
      const stream = open('sotw');
      stream.subscribe(type);
      await stream.take();
      await stream.rest();
      server.publish(edit(type, 'b', '2'));
      expect(contents(await stream.take())).toEqual(['a=1', 'b=2']);
      server.publish(edit(type, 'a', null));
      expect(contents(await stream.take())).toEqual(['b=2']);
    }
  });

  it('of clusters by name: all that were asked for', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'), edit(cds, 'c', '1'));
    const stream = open('sotw');
    stream.subscribe(cds, ['a', 'b']);
    await stream.take(['a', 'b']);
    await stream.rest();
    server.publish(edit(cds, 'c', '2'));
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'b', '2'));
    expect(contents(await stream.take(['a', 'b']))).toEqual(['a=1', 'b=2']);
  });

  it('of endpoints: what changed', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'b']);
    await stream.take(['a', 'b']);
    server.publish(edit(eds, 'b', '2'));
    expect(contents(await stream.take(['a', 'b']))).toEqual(['b=2']);
  });
});

describe('case 11: an empty sotw response', () => {
  it('of clusters says that there are none', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(cds);
    await stream.take();
    server.publish(edit(cds, 'a', null));
    expect((await stream.take()).resources).toEqual([]);
  });

  it('of endpoints says nothing, and is not sent', async () => {
    server.publish(edit(eds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    await stream.take(['a']);
    server.publish(edit(eds, 'a', null));
    expect(await stream.rest()).toEqual([]);
  });
});

describe('case 12: removal', () => {
  it('delta: by removed_resources, for who asked', async () => {
    server.publish(edit(rds, 'a', '1'), edit(rds, 'b', '1'));
    const stream = open('delta');
    stream.subscribe(rds, ['a']);
    await stream.take();
    server.publish(edit(rds, 'a', null), edit(rds, 'b', null));
    const removal = await stream.take();
    expect([removal.resources, removal.removed]).toEqual([[], ['a']]);
  });

  it('sotw: routes leave with their listener, without a word', async () => {
    const stream = await started('sotw');
    server.publish(edit(rds, 'r', null), edit(lds, 'l', null));
    const whole = only(await stream.rest());
    expect([whole.typeUrl, whole.resources]).toEqual([lds, []]);
  });

  it('delta: what came back before the removal went out stays', async () => {
    const stream = await started('delta');
    server.publish(edit(cds, 'eds-old', null), edit(rds, 'r', 'to nobody'));
    const routes = only(await stream.rest());
    server.publish(edit(cds, 'eds-old', '1'), edit(rds, 'r', 'to old'));
    const again = await stream.rest();
    expect(again.map(({ typeUrl }) => typeUrl)).toEqual([cds, eds]);
    for (const response of [routes, ...again]) stream.ack(response);
    expect(contents(await stream.take())).toEqual(['r=to old']);
    expect((await stream.rest()).flatMap(({ removed }) => removed)).toEqual([]);
  });
});

describe.each(['delta', 'sotw'] as const)('case 15: clusters, endpoints, listeners, routes; removals last (%s)', (variant) => {
  it('what is added comes in that order, each after the answers to those before', async () => {
    const stream = await started(variant);
    server.publish(edit(rds, 'r', 'to new'), edit(lds, 'l', '2'), edit(eds, 'eds-new', '1'), edit(cds, 'eds-new', '1'));
    const clusters = only(await stream.rest());
    expect(clusters.typeUrl).toBe(cds);
    // The client asks for the endpoints of what it got, and acknowledges clusters only when it has them.
    if (variant === 'delta') stream.delta({ typeUrl: eds, subscribe: ['eds-new'] });
    else stream.sotw({ typeUrl: eds, names: ['eds-old', 'eds-new'] });
    const endpoints = only(await stream.rest());
    expect(contents(endpoints)).toEqual(['eds-new=1']);
    stream.ack(endpoints, ['eds-old', 'eds-new']);
    expect(await stream.rest()).toEqual([]);
    stream.ack(clusters);
    const listeners = only(await stream.rest());
    expect(listeners.typeUrl).toBe(lds);
    stream.ack(listeners);
    const routes = only(await stream.rest());
    expect(contents(routes)).toEqual(['r=to new']);
  });

  it('a cluster is taken away when the routes that left it are acknowledged, its endpoints after it', async () => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', null), edit(eds, 'eds-old', null), edit(rds, 'r', 'to nobody'));
    const routes = only(await stream.rest());
    expect(contents(routes)).toEqual(['r=to nobody']);
    stream.ack(routes, ['r']);
    const clusters = only(await stream.rest());
    expect([clusters.typeUrl, clusters.resources, clusters.removed]).toEqual([cds, [], variant === 'delta' ? ['eds-old'] : []]);
    stream.ack(clusters);
    const rest = await stream.rest();
    expect(rest.map(({ typeUrl, removed }) => [typeUrl, removed])).toEqual(variant === 'delta' ? [[eds, ['eds-old']]] : []);
  });

  it('a listener leaves before its routes, which leave before their cluster', async () => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', null), edit(rds, 'r', null), edit(lds, 'l', null));
    const order: string[] = [];
    for (let responses = await stream.rest(); responses.length > 0; responses = await stream.rest()) {
      const response = only(responses);
      order.push(response.typeUrl);
      stream.ack(response, response.typeUrl === rds ? ['r'] : []);
    }
    expect(order).toEqual(variant === 'delta' ? [lds, rds, cds] : [lds, cds]);
  });

  it('a change elsewhere does not take the doomed cluster away early', async () => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', null), edit(rds, 'r', 'to nobody'));
    const routes = only(await stream.rest());
    server.publish(edit(cds, 'other', '1'));
    const other = only(await stream.rest());
    expect([contents(other), other.removed]).toEqual([variant === 'delta' ? ['other=1'] : ['eds-old=1', 'other=1'], []]);
    stream.ack(other);
    stream.ack(routes, ['r']);
    const removal = only(await stream.rest());
    expect([contents(removal), removal.removed]).toEqual(variant === 'delta' ? [[], ['eds-old']] : [['other=1'], []]);
  });

  it('removals keep up with routes that never stop changing', async () => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', null), edit(rds, 'r', '1'));
    const first = only(await stream.rest());
    server.publish(edit(rds, 'r', '2'));
    const second = only(await stream.rest());
    stream.ack(first, ['r']);
    const removal = await stream.rest();
    expect(removal.map(({ typeUrl, removed }) => [typeUrl, removed])).toEqual([[cds, variant === 'delta' ? ['eds-old'] : []]]);
    stream.ack(second, ['r']);
  });

  it('a route table that was refused keeps its old clusters, and holds up nobody who waits', async () => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', null), edit(rds, 'r', 'bad'));
    stream.nack(only(await stream.rest()), 'no', ['r']);
    expect(await stream.rest()).toEqual([]);
    expect(server.reports[0]?.report.at(-1)).toBe(`settled ${server.store.seq}`);
    server.publish(edit(rds, 'r', 'good'));
    stream.ack(only(await stream.rest()), ['r']);
    const removal = only(await stream.rest());
    expect([removal.typeUrl, removal.removed]).toEqual([cds, variant === 'delta' ? ['eds-old'] : []]);
  });
});

describe.each(['delta', 'sotw'] as const)('case 15, with a client that holds back its answers (%s)', (variant) => {
  it('later types wait for so long, and then no more', async () => {
    const stream = await started(variant);
    const reports = server.reports[0]?.report ?? [];
    server.publish(edit(cds, 'warming', '1'), edit(rds, 'r', 'to warming'));
    const clusters = only(await stream.rest());
    expect(clusters.typeUrl).toBe(cds);
    expect(contents(await stream.next())).toEqual(['r=to warming']);
    expect(reports.at(-1)).toBe('sent rds');
  });

  it('later clusters go out meanwhile, and never after routes of the same publication', async () => {
    const stream = await started(variant);
    const seen = new Map<string, number>([[cds, 0]]);
    for (let i = 1; i <= 20; i++) {
      server.publish(edit(cds, `warming-${i}`, '1'), edit(rds, 'r', `to ${i}`));
      await stream.rest().then((responses) => responses.forEach(look));
    }
    function look({ typeUrl, resources }: Response): void {
      const newest = Math.max(0, ...resources.map(({ name, body }) => Number((typeUrl === cds ? name : body).match(/\d+$/)?.[0] ?? 0)));
      if (typeUrl === rds) expect(newest).toBeLessThanOrEqual(seen.get(cds) ?? 0);
      seen.set(typeUrl, Math.max(seen.get(typeUrl) ?? 0, newest));
    }
    // Nothing was acknowledged, and yet everything arrives.
    while (seen.get(rds) !== 20) look(await stream.next());
    expect(seen.get(cds)).toBe(20);
  });
});

describe('case 16: endpoints follow every change of their cluster', () => {
  it.each(['delta', 'sotw'] as const)('%s: though they did not change themselves', async (variant) => {
    const stream = await started(variant);
    server.publish(edit(cds, 'eds-old', '2'));
    const responses = await stream.rest();
    expect(responses.map(({ typeUrl }) => typeUrl)).toEqual([cds, eds]);
    expect(responses.map(contents)).toEqual([['eds-old=2'], ['eds-old=1']]);
  });

  it('sotw: those of the clusters in the whole that did not change do not', async () => {
    const stream = await started('sotw');
    server.publish(edit(cds, 'other', '1'));
    expect((await stream.rest()).map(({ typeUrl }) => typeUrl)).toEqual([cds]);
  });

  it('delta: a cluster asked for once more has its endpoints follow, too', async () => {
    const stream = await started('delta');
    stream.delta({ typeUrl: cds, subscribe: ['eds-old'] });
    expect((await stream.rest()).map(({ typeUrl }) => typeUrl)).toEqual([cds, eds]);
  });

  it.each(['delta', 'sotw'] as const)('%s: sent once more for the asking, clusters have theirs follow', async (variant) => {
    const stream = await started(variant);
    server.store.publish([], [{ type: cds, name: 'eds-old' }]);
    server.store.announce();
    expect((await stream.rest()).map(contents)).toEqual([['eds-old=1'], ['eds-old=1']]);
  });
});
