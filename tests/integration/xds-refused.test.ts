import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contents, NODE, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import type { Response } from '../support/xds-wire.ts';

/** Clients that refused something, and come back. */

const { cds, eds } = TYPES;
const NAMES = ['a', 'b', 'c'];

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

/** What is said of refusals of the stream that came last. */
function told(): string[] {
  return (server.reports.at(-1)?.report ?? []).filter((what) => what.includes('rejected') || what.includes('recovered'));
}

async function contentsLeft(stream: TestStream): Promise<string[][]> {
  return (await stream.rest()).map(contents);
}

describe('case 7 after a reconnect: what was rejected is not sent again', () => {
  it('sotw: one answer refused, a later one that was under way taken', async () => {
    server.publish(...NAMES.map((name) => edit(eds, name, '1')));
    const before = open('sotw');
    before.subscribe(eds, NAMES);
    const first = await before.take(NAMES);
    await before.rest();
    server.publish(edit(eds, 'a', 'bad'));
    const bad = await before.next();
    server.publish(edit(eds, 'b', '2'));
    const later = await before.next();
    before.nack(bad, 'a is bad', NAMES, first.version);
    before.ack(later, NAMES);
    expect([contents(bad), contents(later), await contentsLeft(before)]).toEqual([['a=bad'], ['b=2'], []]);
    before.cancel();
    // The version stands for the bad one, too.
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: NAMES, versionInfo: later.version });
    expect([await contentsLeft(stream), told()]).toEqual([[], ['still rejected eds']]);
    server.publish(edit(eds, 'a', '2'));
    expect(contents(await stream.take(NAMES))).toEqual(['a=2']);
    expect([await contentsLeft(stream), told()]).toEqual([[], ['still rejected eds', 'recovered eds']]);
  });

  it('sotw: what else was in the answer is sent, since the client keeps the version of before', async () => {
    server.publish(...NAMES.map((name) => edit(eds, name, '1')));
    const before = open('sotw');
    before.subscribe(eds, NAMES);
    const first = await before.take(NAMES);
    await before.rest();
    server.publish(edit(eds, 'a', 'bad'), edit(eds, 'b', '2'));
    before.nack(await before.next(), 'a is bad', NAMES, first.version);
    await before.rest();
    before.cancel();
    // Back to what the version stands for, but not to what the client has.
    server.publish(edit(eds, 'b', '1'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: NAMES, versionInfo: first.version });
    expect(await contentsLeft(stream)).toEqual([['b=1']]);
  });

  it('sotw: a refusal that was lost with the stream is asked for by sending it once more', async () => {
    server.publish(...NAMES.map((name) => edit(eds, name, '1')));
    const before = open('sotw');
    before.subscribe(eds, NAMES);
    await before.take(NAMES);
    await before.rest();
    server.publish(edit(eds, 'a', 'bad'));
    await before.next();
    server.publish(edit(eds, 'b', '2'));
    const { version } = await before.next();
    await before.rest();
    before.cancel();
    await ended(0);
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: NAMES, versionInfo: version });
    expect(await contentsLeft(stream)).toEqual([['a=bad']]);
  });

  it.each([['everything', []] as const, ['by name', NAMES] as const])('sotw, listed whole (%s): what the client has goes on in its place', async (_, names) => {
    server.publish(...NAMES.map((name) => edit(cds, name, '1')));
    const before = open('sotw');
    before.subscribe(cds, names);
    const first = await before.take(names);
    await before.rest();
    server.publish(edit(cds, 'a', 'bad'));
    before.nack(await before.next(), 'a is bad', names, first.version);
    await before.rest();
    before.cancel();
    server.publish(edit(cds, 'b', '2'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: cds, names, versionInfo: first.version });
    expect(contents(await stream.take(names))).toEqual(['a=1', 'b=2', 'c=1']);
    expect([await contentsLeft(stream), told()]).toEqual([[], ['still rejected cds']]);
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await stream.take(names))).toEqual(['a=2', 'b=2', 'c=1']);
    await stream.rest();
    expect(told()).toEqual(['still rejected cds', 'recovered cds']);
  });

  it('delta: who does not have it is not sent it; twice', async () => {
    server.publish(...NAMES.map((name) => edit(cds, name, '1')));
    let stream = open('delta');
    stream.subscribe(cds);
    const held = new Map((await stream.take()).resources.map(({ name, version }) => [name, version]));
    await stream.rest();
    server.publish(edit(cds, 'a', 'bad'));
    stream.nack(await stream.next(), 'a is bad');
    await stream.rest();
    for (let i = 0; i < 2; i++) {
      stream.cancel();
      stream = open('delta');
      stream.delta({ node: NODE, typeUrl: cds, initialVersions: held });
      expect([await contentsLeft(stream), told()]).toEqual([[], ['still rejected cds']]);
    }
    server.publish(edit(cds, 'a', '2'));
    expect(contents(await stream.take())).toEqual(['a=2']);
    await stream.rest();
    expect(told()).toEqual(['still rejected cds', 'recovered cds']);
  });

  it.each(['delta', 'sotw'] as const)('%s: it is sent where it was published once more, and to who holds nothing', async (variant) => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const before = open(variant);
    before.subscribe(eds, ['a', 'b']);
    const first = await before.take(['a', 'b']);
    await before.rest();
    server.publish(edit(eds, 'a', 'bad'));
    before.nack(await before.next(), 'a is bad', ['a', 'b'], first.version);
    await before.rest();
    before.cancel();
    await ended(0);
    server.store.publish([], [{ type: eds, name: 'a' }]);
    const back = comesBack(variant, first);
    const again = await back.next();
    expect(contents(again)).toContain('a=bad');
    back.nack(again, 'a is bad', ['a', 'b'], first.version);
    await back.rest();
    back.cancel();
    await ended(1);
    const anew = open(variant);
    anew.subscribe(eds, ['a', 'b']);
    expect([contents(await anew.next()), told()]).toEqual([['a=bad', 'b=1'], []]);
  });
});

function comesBack(variant: Variant, { version, resources }: Response): TestStream {
  const stream = open(variant);
  if (variant === 'sotw') stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
  else stream.delta({ node: NODE, typeUrl: eds, subscribe: ['a', 'b'], initialVersions: new Map(resources.map((each) => [each.name, each.version])) });
  return stream;
}

/** The server knows that the stream is gone. */
async function ended(at: number): Promise<void> {
  await expect.poll(() => server.reports[at]?.report.at(-1), { timeout: 60_000 }).toBe('closed');
}
