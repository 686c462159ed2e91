import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait.ts';
import { contents, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';

/** Nonces, acknowledgements and rejections. The numbers are those of the cases that naive servers get wrong. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

/** What the server reported of the first stream so far. */
function report(): readonly string[] {
  return server.reports[0]?.report ?? [];
}

const { cds, eds, lds, rds, sds } = TYPES;

describe('case 5: stale nonces', () => {
  it('sotw: a request with one changes nothing', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    const first = await stream.take(['a']);
    server.publish(edit(eds, 'a', '2'));
    const second = await stream.next();
    // Written before the client saw the second response: superseded.
    stream.ack(first, ['a', 'b']);
    expect(await stream.rest()).toEqual([]);
    stream.ack(second, ['a', 'b']);
    expect(contents(await stream.take(['a', 'b']))).toEqual(['b=1']);
  });

  it('sotw: one that nobody ever sent changes nothing either', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    await stream.take(['a']);
    stream.sotw({ typeUrl: eds, names: ['a', 'b'], nonce: 'made-up' });
    expect(await stream.rest()).toEqual([]);
  });

  it('sotw: but what it let go is sent again where a later one names it again', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'b']);
    const first = await stream.take(['a', 'b']);
    await stream.rest();
    server.publish(edit(eds, 'a', '2'));
    const second = await stream.next();
    stream.ack(first, ['a']);
    expect(await stream.rest()).toEqual([]);
    stream.ack(second, ['a', 'b']);
    expect(contents(await stream.take(['a', 'b']))).toEqual(['b=1']);
  });

  it('sotw: the same for everything', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(cds, ['*']);
    const first = await stream.take(['*']);
    await stream.rest();
    server.publish(edit(cds, 'a', '2'));
    const second = await stream.next();
    stream.ack(first, ['b']);
    expect(await stream.rest()).toEqual([]);
    stream.ack(second, ['*']);
    expect(contents(await stream.take(['*']))).toEqual(['a=2']);
  });

  it('delta: the subscription changes of a request with one count all the same', async () => {
    server.publish(edit(sds, 'a', '1'), edit(sds, 'b', '1'));
    const stream = open('delta');
    stream.subscribe(sds, ['a']);
    const first = await stream.take();
    server.publish(edit(sds, 'a', '2'));
    await stream.take();
    stream.delta({ typeUrl: sds, nonce: first.nonce, subscribe: ['b'] });
    expect(contents(await stream.take())).toEqual(['b=1']);
    stream.delta({ typeUrl: sds, nonce: 'made-up', unsubscribe: ['a'] });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(sds, 'a', '3'));
    expect(await stream.rest()).toEqual([]);
  });

  it.each(['delta', 'sotw'] as const)('%s: nonces die with their stream', async (variant) => {
    server.publish(edit(eds, 'a', '1'));
    const before = open(variant);
    before.subscribe(eds, ['a']);
    const old = await before.take(['a']);
    before.cancel();
    const stream = open(variant);
    // A client that forgot to forget: on this stream it is a first request like any other.
    if (variant === 'delta') stream.delta({ node: Buffer.from([10, 1, 110]), typeUrl: eds, subscribe: ['a'], nonce: old.nonce });
    else stream.sotw({ node: Buffer.from([10, 1, 110]), typeUrl: eds, names: ['a'], nonce: old.nonce });
    expect(contents(await stream.take(['a']))).toEqual(['a=1']);
  });
});

describe('case 6: a rejection is an error_detail', () => {
  it('sotw: an old version_info with the newest nonce is an acknowledgement', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    const first = await stream.next();
    stream.sotw({ typeUrl: eds, names: ['a', 'b'], nonce: first.nonce, versionInfo: '' });
    expect(contents(await stream.take(['a', 'b']))).toEqual(['b=1']);
    await waitFor('two acknowledgements', () => report().filter((what) => what === 'acked eds').length === 2);
    expect(report().join()).not.toContain('rejected');
  });

  it.each(['delta', 'sotw'] as const)('%s: one with the right version is a rejection all the same', async (variant) => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    const first = await stream.next();
    stream.nack(first, 'no such thing', [], first.version);
    await stream.rest();
    expect(report().filter((what) => what.includes('cds'))).toEqual(['sent cds', 'rejected (no such thing) cds']);
  });
});

describe('case 7: what was rejected is not sent again', () => {
  it.each(['delta', 'sotw'] as const)('%s: until it changes', async (variant) => {
    server.publish(edit(cds, 'good', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    await stream.take();
    await stream.rest();
    server.publish(edit(cds, 'bad', '1'));
    stream.nack(await stream.next(), 'bad is bad');
    expect(await stream.rest()).toEqual([]);
    // Other publications do not bring it back.
    server.publish(edit(rds, 'elsewhere', '1'));
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(cds, 'bad', '2'));
    expect(contents(await stream.take())).toEqual(variant === 'delta' ? ['bad=2'] : ['bad=2', 'good=1']);
    await stream.rest();
    expect(report().filter((what) => what.includes('cds'))).toEqual([
      'sent cds',
      'acked cds',
      'sent cds',
      'rejected (bad is bad) cds',
      'sent cds',
      'acked cds',
      'recovered cds',
    ]);
  });

  it('delta: an acknowledgement of something else does not make it good', async () => {
    const stream = open('delta');
    server.publish(edit(cds, 'bad', '1'), edit(cds, 'other', '1'));
    stream.subscribe(cds);
    stream.nack(await stream.next(), 'Error adding/updating cluster(s) bad: malformed.');
    server.publish(edit(cds, 'other', '2'));
    await stream.take();
    await stream.rest();
    expect(report().filter((what) => what.startsWith('recovered'))).toEqual([]);
    server.publish(edit(cds, 'bad', '2'));
    await stream.take();
    await stream.rest();
    expect(report().filter((what) => what.startsWith('recovered'))).toEqual(['recovered cds']);
  });

  it('delta: what was refused and is not asked for any more is refused no more, though nothing is sent', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'bad', '1'));
    const stream = open('delta');
    stream.subscribe(eds, ['a', 'bad']);
    stream.nack(await stream.next(), 'bad: is bad');
    stream.delta({ typeUrl: eds, unsubscribe: ['bad'] });
    expect(await stream.rest()).toEqual([]);
    expect(report()).toContain('recovered eds');
  });

  it.each(['delta', 'sotw'] as const)('%s: nor is it when something else changes, which goes on', async (variant) => {
    for (const type of [cds, lds]) {
      server.publish(edit(type, 'bad', 'good'), edit(type, 'other', '1'));
      const stream = open(variant);
      stream.subscribe(type);
      await stream.take();
      await stream.rest();
      server.publish(edit(type, 'bad', 'bad'), edit(type, 'worse', 'bad'));
      stream.nack(await stream.next(), 'Error adding/updating: bad: is bad, worse: is bad');
      await stream.rest();
      for (const content of ['2', '3']) {
        server.publish(edit(type, 'other', content));
        const response = await stream.take();
        expect(contents(response)).toEqual(variant === 'delta' ? [`other=${content}`] : ['bad=good', `other=${content}`]);
        expect(await stream.rest()).toEqual([]);
      }
      // Asked for anew it is sent once more.
      if (variant === 'delta') stream.delta({ typeUrl: type, subscribe: ['bad'] });
      else stream.sotw({ typeUrl: type, names: ['*', 'bad'] });
      expect(contents(await stream.take(['*', 'bad']))).toContain('bad=bad');
    }
  });

  it('sotw: what was refused and is gone by then is refused no more', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'bad', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a', 'bad']);
    stream.nack(await stream.next(), 'bad: is bad', ['a', 'bad']);
    await stream.rest();
    expect(report().at(-2)).toBe('rejected (bad: is bad) eds');
    server.publish(edit(eds, 'bad', null));
    expect(await stream.rest()).toEqual([]);
    expect(report()).toContain('recovered eds');
  });

  it('a rejected type does not keep the others from being sent', async () => {
    server.publish(edit(cds, 'c', '1'), edit(lds, 'l', '1'), edit(rds, 'r', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    stream.nack(await stream.next(), 'no');
    stream.subscribe(lds);
    stream.nack(await stream.next(), 'no');
    stream.subscribe(rds, ['r']);
    expect(contents(await stream.take())).toEqual(['r=1']);
  });
});

describe('case 8: back to what was good, under a version of its own', () => {
  it('sotw: the old content after a rejection does not bear its old version', async () => {
    server.publish(edit(lds, 'l', 'good'));
    const stream = open('sotw');
    stream.subscribe(lds);
    const good = await stream.take();
    server.publish(edit(lds, 'l', 'bad'));
    const bad = await stream.next();
    stream.nack(bad, 'half applied', [], good.version);
    await stream.rest();
    server.publish(edit(lds, 'l', 'good'));
    const back = await stream.take();
    expect(contents(back)).toEqual(['l=good']);
    expect([good.version, bad.version]).not.toContain(back.version);
  });
});

describe('case 20: the latest request counts, and not every one has an answer', () => {
  it('sotw: requests that repeat what is known are silent', async () => {
    server.publish(edit(eds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    const first = await stream.take(['a']);
    await stream.rest();
    const before = report().length;
    stream.ack(first, ['a']);
    stream.ack(first, ['a']);
    expect(await stream.rest()).toEqual([]);
    // Only the question that rest() asks is reported.
    expect(
      report()
        .slice(before)
        .filter((what) => !what.startsWith('settled')),
    ).toEqual([]);
  });

  it('sotw: of two subscriptions in a row the later one stands', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.subscribe(eds, ['a']);
    const first = await stream.take(['a']);
    stream.ack(first, ['a', 'b']);
    stream.ack(first, ['b']);
    stream.ack(await stream.next(), ['b']);
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'a', '2'));
    expect(await stream.rest()).toEqual([]);
  });

  it.each(['delta', 'sotw'] as const)('%s: sent, acknowledged and rejected are told apart by type', async (variant) => {
    server.publish(edit(cds, 'c', '1'), edit(eds, 'e', '1'), edit(sds, 's', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    await stream.take();
    stream.subscribe(eds, ['e']);
    stream.nack(await stream.next(), 'no', ['e']);
    stream.subscribe(sds, ['s']);
    await stream.next();
    await stream.rest();
    expect(report().filter((what) => !what.startsWith('settled'))).toEqual(['sent cds', 'acked cds', 'sent eds', 'rejected (no) eds', 'sent sds']);
  });
});

describe('case 22: delta answers count by their nonce alone', () => {
  it('a late acknowledgement of what was before does not end a refusal of what came after', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    const first = await stream.next();
    server.publish(edit(cds, 'a', '2'));
    const second = await stream.next();
    stream.nack(second, 'a: is bad');
    stream.ack(first);
    await stream.rest();
    expect(
      report()
        .filter((what) => what.includes('cds'))
        .slice(2),
    ).toEqual(['rejected (a: is bad) cds', 'acked cds']);
  });

  it('nor does one of what came before, where refusals came in another order', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    const responses = [await stream.next()];
    for (const content of ['2', '3']) {
      server.publish(edit(cds, 'a', content));
      responses.push(await stream.next());
    }
    const [first, second, third] = responses;
    for (const refused of [third, first]) if (refused !== undefined) stream.nack(refused, 'a: is bad');
    if (second !== undefined) stream.ack(second);
    await stream.rest();
    expect(report().filter((what) => what.startsWith('recovered'))).toEqual([]);
  });

  it('two responses under way are acknowledged in either order', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    const first = await stream.next();
    server.publish(edit(cds, 'b', '1'));
    const second = await stream.next();
    expect(contents(second)).toEqual(['b=1']);
    stream.nack(second, 'no');
    await stream.rest();
    expect(report().filter((what) => what.includes('cds'))).toEqual(['sent cds', 'sent cds', 'rejected (no) cds']);
    stream.ack(first);
    await stream.rest();
    expect(report().filter((what) => what.includes('cds'))).toEqual(['sent cds', 'sent cds', 'rejected (no) cds', 'acked cds']);
  });

  it('every resource has a version of its own, and keeps it while others change', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const stream = open('delta');
    stream.subscribe(cds);
    const first = await stream.take();
    const versions = new Map(first.resources.map(({ name, version }) => [name, version]));
    expect(versions.get('a')).toMatch(/^[\w-]{16}$/);
    expect(versions.get('a')).not.toBe(versions.get('b'));
    server.publish(edit(cds, 'b', '2'));
    const second = await stream.take();
    stream.delta({ typeUrl: cds, subscribe: ['a'] });
    const third = await stream.take();
    expect(second.resources[0]?.version).not.toBe(versions.get('b'));
    expect(third.resources[0]?.version).toBe(versions.get('a'));
    expect(second.version).not.toBe(first.version);
  });

  it('sotw: the last of several responses under way answers for those before it', async () => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open('sotw');
    stream.subscribe(cds);
    await stream.next();
    server.publish(edit(cds, 'a', '2'));
    const second = await stream.next();
    stream.ack(second);
    await stream.rest();
    expect(report().at(-1)).toBe(`settled ${server.store.seq}`);
  });
});

describe('case 26: the same content has the same bytes and versions', () => {
  it.each(['delta', 'sotw'] as const)('%s: whatever the way that led there, and whoever serves it', async (variant) => {
    const other = await TestServer.start();
    try {
      server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
      other.publish(edit(cds, 'b', '2'), edit(cds, 'x', '1'));
      other.publish(edit(cds, 'b', '1'), edit(cds, 'x', null));
      other.publish(edit(cds, 'a', '1'));
      const [here, there] = [server.client().open(variant), other.client().open(variant)];
      here.subscribe(cds);
      there.subscribe(cds);
      const [mine, theirs] = [await here.take(), await there.take()];
      const sorted = (resources: typeof mine.resources) => resources.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(theirs.version).toBe(mine.version);
      expect(sorted(theirs.resources)).toEqual(sorted(mine.resources));
    } finally {
      await other.close();
    }
  });

  it.each(['delta', 'sotw'] as const)('%s: publishing what is there already sends nothing', async (variant) => {
    server.publish(edit(cds, 'a', '1'));
    const stream = open(variant);
    stream.subscribe(cds);
    await stream.take();
    server.publish(edit(cds, 'a', '1'));
    server.publish(edit(cds, 'a', '2'), edit(cds, 'a', '1'));
    server.publish(edit(cds, 'b', '1'), edit(cds, 'b', null));
    expect(await stream.rest()).toEqual([]);
  });
});
