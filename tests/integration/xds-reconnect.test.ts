import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contents, NODE, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import type { Response } from '../support/xds-wire.ts';

/** Clients that come back. The numbers are those of the cases that naive servers get wrong. */

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

const { cds, eds, lds, rds, sds } = TYPES;

/** The versions of what a response brought, for `initial_resource_versions`. */
function versionsOf(...responses: readonly Response[]): Map<string, string> {
  return new Map(responses.flatMap(({ resources }) => resources.map(({ name, version }) => [name, version] as const)));
}

describe('case 9: sotw, by version_info', () => {
  /** Has a client take everything of a type, and go away. */
  async function taken(type: string, names: readonly string[]): Promise<Response> {
    const stream = open('sotw');
    stream.subscribe(type, names);
    const response = await stream.take(names);
    await stream.rest();
    stream.cancel();
    return response;
  }

  it.each([
    ['clusters, all', cds, []],
    ['listeners, by name', lds, ['a', 'b']],
    ['endpoints', eds, ['a', 'b']],
    ['routes', rds, ['a', 'b']],
    ['secrets', sds, ['a', 'b']],
  ] as const)('%s: who has the newest gets nothing, and later what changes', async (_, type, names) => {
    server.publish(edit(type, 'a', '1'), edit(type, 'b', '1'));
    const { version } = await taken(type, names);
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: type, names, versionInfo: version });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(type, 'a', '2'));
    expect(contents(await stream.take(names))).toContain('a=2');
  });

  it('what changed while it was away is sent', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const { version } = await taken(cds, []);
    server.publish(edit(cds, 'b', null), edit(cds, 'c', '1'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: cds, versionInfo: version });
    // A route may still lead to b: it leaves once those have been asked for, or have not been for a while.
    expect(contents(await stream.take())).toEqual(['a=1', 'b=1', 'c=1']);
    expect(contents(await stream.take())).toEqual(['a=1', 'c=1']);
  });

  it('a subscription that grew is answered, though nothing changed', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const { version } = await taken(eds, ['a']);
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
    expect(contents(await stream.take(['a', 'b']))).toContain('b=1');
  });

  it('a name that is made after it came back is sent', async () => {
    server.publish(edit(eds, 'a', '1'));
    const { version } = await taken(eds, ['a']);
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'late'], versionInfo: version });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(eds, 'late', '1'));
    expect(contents(await stream.take(['a', 'late']))).toEqual(['late=1']);
  });

  it('what was refused is not taken for held: the version after a refusal skips nothing else', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const names = ['a', 'b'];
    const before = open('sotw');
    before.subscribe(eds, names);
    const first = await before.take(names);
    await before.rest();
    server.publish(edit(eds, 'a', 'bad'));
    before.nack(await before.next(), 'no', names, first.version);
    await before.rest();
    server.publish(edit(eds, 'b', '2'));
    const { version } = await before.take(names);
    await before.rest();
    before.cancel();
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names, versionInfo: version });
    expect((await stream.rest()).map(contents)).toEqual([['b=2']]);
  });

  it('a version of one type says nothing about another', async () => {
    server.publish(edit(cds, 'a', '1'), edit(lds, 'a', '1'), edit(lds, 'b', '1'));
    const { version } = await taken(cds, []);
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: lds, versionInfo: version });
    expect(contents(await stream.take())).toEqual(['a=1', 'b=1']);
  });
});

describe('case 9 again: what the version does not say', () => {
  it('a name that was let go of is sent where the next stream asks for it, though the version still fits', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const before = open('sotw');
    before.subscribe(eds, ['a', 'b']);
    const { version, nonce } = await before.take(['a', 'b']);
    before.sotw({ typeUrl: eds, names: [], versionInfo: version, nonce });
    await before.rest();
    before.cancel();
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
    expect((await stream.rest()).map(contents)).toEqual([['a=1', 'b=1']]);
  });

  it('one of several is, and only that; once it was taken, the version is trusted again', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'));
    const before = open('sotw');
    before.subscribe(eds, ['a', 'b']);
    const { version, nonce } = await before.take(['a', 'b']);
    before.sotw({ typeUrl: eds, names: ['b'], versionInfo: version, nonce });
    await before.rest();
    before.cancel();
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
    expect(contents(await stream.take(['a', 'b']))).toEqual(['a=1']);
    expect(await stream.rest()).toEqual([]);
    stream.cancel();
    const last = open('sotw');
    last.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
    expect(await last.rest()).toEqual([]);
  });

  it.each([
    ['endpoints', eds],
    ['routes', rds],
    ['secrets', sds],
  ] as const)('%s: of what changed while it was away, only that is sent', async (_, type) => {
    const names = ['a', 'b', 'c'];
    server.publish(...names.map((name) => edit(type, name, '1')));
    const before = open('sotw');
    before.subscribe(type, names);
    const { version } = await before.take(names);
    await before.rest();
    before.cancel();
    server.publish(edit(type, 'b', '2'), edit(type, 'other', '1'));
    server.publish(edit(type, 'c', '2'));
    server.publish(edit(type, 'c', '1'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: type, names, versionInfo: version });
    const [answer, ...more] = await stream.rest();
    expect([answer && contents(answer), more]).toEqual([['b=2'], []]);
    if (answer === undefined) return;
    stream.ack(answer, names);
    await stream.rest();
    stream.cancel();
    // The version of such an answer stands for all of it, as any other.
    const last = open('sotw');
    last.sotw({ node: NODE, typeUrl: type, names, versionInfo: answer.version });
    expect(await last.rest()).toEqual([]);
  });

  it('who asks for one name less, since it is gone, is sent nothing that it holds', async () => {
    server.publish(edit(eds, 'a', '1'), edit(eds, 'b', '1'), edit(eds, 'gone', '1'));
    const names = ['a', 'b', 'gone'];
    const before = open('sotw');
    before.subscribe(eds, names);
    const { version } = await before.take(names);
    await before.rest();
    before.cancel();
    server.publish(edit(eds, 'gone', null));
    server.publish(edit(eds, 'b', '2'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['a', 'b'], versionInfo: version });
    expect((await stream.rest()).map(contents)).toEqual([['b=2']]);
  });

  /** Has a client take clusters, a listener and a route, and go away; gives the versions. */
  async function envoy(): Promise<readonly [clusters: string, listeners: string, routes: string]> {
    server.publish(edit(cds, 'kept', '1'), edit(cds, 'vanished', '1'), edit(lds, 'l', '1'), edit(rds, 'r', 'to vanished'));
    const before = open('sotw');
    before.subscribe(cds);
    const clusters = await before.take();
    before.subscribe(lds);
    const listeners = await before.take();
    before.subscribe(rds, ['r']);
    const routes = await before.take(['r']);
    await before.rest();
    before.cancel();
    return [clusters.version, listeners.version, routes.version];
  }

  /** As Envoy does, all at once: clusters come first. */
  function back([clusters, listeners, routes]: readonly [string, string, string]): TestStream {
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: cds, versionInfo: clusters });
    stream.sotw({ typeUrl: lds, versionInfo: listeners });
    stream.sotw({ typeUrl: rds, names: ['r'], versionInfo: routes });
    return stream;
  }

  it('clusters that vanished meanwhile are taken away only after the routes are', async () => {
    const versions = await envoy();
    server.publish(edit(cds, 'vanished', null), edit(rds, 'r', 'to kept'));
    const stream = back(versions);
    const [first, ...more] = await stream.rest();
    expect([first?.typeUrl, more]).toEqual([rds, []]);
    if (first !== undefined) stream.ack(first, ['r']);
    const removal = await stream.take();
    expect([removal.typeUrl, contents(removal)]).toEqual([cds, ['kept=1']]);
    expect(await stream.rest()).toEqual([]);
  });

  it('they stay in what is sent before, and for who is cut off in between', async () => {
    const versions = await envoy();
    server.publish(edit(cds, 'vanished', null), edit(cds, 'made', '1'), edit(rds, 'r', 'to made'));
    let [clusters, listeners, routes] = versions;
    for (const made of ['1', '2']) {
      if (made === '2') server.publish(edit(cds, 'made', made));
      const cut = back([clusters, listeners, routes]);
      const doomed = await cut.take();
      expect([doomed.typeUrl, contents(doomed)]).toEqual([cds, ['kept=1', `made=${made}`, 'vanished=1']]);
      cut.cancel();
      clusters = doomed.version;
    }
    const stream = back([clusters, listeners, routes]);
    const route = await stream.take(['r']);
    expect([route.typeUrl, contents(route)]).toEqual([rds, ['r=to made']]);
    expect(contents(await stream.take())).toEqual(['kept=1', 'made=2']);
    expect(await stream.rest()).toEqual([]);
  });
});

describe('case 21: delta, by initial_resource_versions', () => {
  async function taken(type: string, names: readonly string[]): Promise<Map<string, string>> {
    const stream = open('delta');
    stream.subscribe(type, names);
    const response = await stream.take();
    await stream.rest();
    stream.cancel();
    return versionsOf(response);
  }

  it.each([
    ['everything, said by saying nothing', cds, []],
    ['everything', lds, ['*']],
    ['names', sds, ['a', 'b']],
  ] as const)('%s: who has the newest gets nothing, and later what changes', async (_, type, names) => {
    server.publish(edit(type, 'a', '1'), edit(type, 'b', '1'));
    const initialVersions = await taken(type, names);
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: type, subscribe: names, initialVersions });
    expect(await stream.rest()).toEqual([]);
    server.publish(edit(type, 'a', '2'));
    expect(contents(await stream.take())).toEqual(['a=2']);
  });

  it('only the difference is sent, with what vanished', async () => {
    server.publish(edit(lds, 'same', '1'), edit(lds, 'changed', '1'), edit(lds, 'vanished', '1'));
    const names = ['same', 'changed', 'vanished', 'made'];
    const initialVersions = await taken(lds, names);
    server.publish(edit(lds, 'changed', '2'), edit(lds, 'vanished', null), edit(lds, 'made', '1'));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: lds, subscribe: names, initialVersions });
    const [difference, ...more] = await stream.rest();
    expect(more).toEqual([]);
    expect(difference && [contents(difference), difference.removed]).toEqual([['changed=2', 'made=1'], ['vanished']]);
  });

  it('the same for everything', async () => {
    server.publish(edit(lds, 'same', '1'), edit(lds, 'changed', '1'), edit(lds, 'vanished', '1'));
    const initialVersions = await taken(lds, []);
    server.publish(edit(lds, 'changed', '2'), edit(lds, 'vanished', null), edit(lds, 'made', '1'));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: lds, initialVersions });
    const [difference, ...more] = await stream.rest();
    expect(more).toEqual([]);
    expect(difference && [contents(difference), difference.removed]).toEqual([['changed=2', 'made=1'], ['vanished']]);
  });

  it('a subscription that grew gets what is new in it', async () => {
    server.publish(edit(sds, 'a', '1'), edit(sds, 'b', '1'));
    const initialVersions = await taken(sds, ['a']);
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: sds, subscribe: ['a', 'b'], initialVersions });
    expect((await stream.rest()).map(contents)).toEqual([['b=1']]);
  });

  it('what is held but not asked for any more is left alone', async () => {
    server.publish(edit(sds, 'a', '1'), edit(sds, 'b', '1'));
    const initialVersions = await taken(sds, ['a', 'b']);
    server.publish(edit(sds, 'b', null));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: sds, subscribe: ['a'], initialVersions });
    expect(await stream.rest()).toEqual([]);
  });

  it('versions survive the server', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'b', '1'));
    const initialVersions = await taken(cds, []);
    const other = await TestServer.start();
    try {
      other.publish(edit(cds, 'b', '1'));
      other.publish(edit(cds, 'a', '1'));
      const stream = other.client().open('delta');
      stream.delta({ node: NODE, typeUrl: cds, initialVersions });
      expect(await stream.rest()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('more of it than gRPC receives by default is no trouble', async () => {
    const initialVersions = new Map(Array.from({ length: 60_000 }, (_, i) => [`${'long-'.repeat(10)}${i}`, 'x'.repeat(32)]));
    server.publish(edit(sds, 'a', '1'));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: sds, subscribe: ['a'], initialVersions });
    expect(contents(await stream.take())).toEqual(['a=1']);
  });

  it('clusters that vanished meanwhile are taken away only after the routes are', async () => {
    server.publish(edit(cds, 'kept', '1'), edit(cds, 'vanished', '1'), edit(lds, 'l', '1'), edit(rds, 'r', 'to vanished'));
    const before = open('delta');
    before.subscribe(cds);
    const clusters = await before.take();
    before.subscribe(lds);
    const listeners = await before.take();
    before.subscribe(rds, ['r']);
    const routes = await before.take();
    before.cancel();
    server.publish(edit(cds, 'vanished', null), edit(rds, 'r', 'to kept'));
    const stream = open('delta');
    // As Envoy does, all at once: clusters come first.
    stream.delta({ node: NODE, typeUrl: cds, initialVersions: versionsOf(clusters) });
    stream.delta({ typeUrl: lds, initialVersions: versionsOf(listeners) });
    stream.delta({ typeUrl: rds, subscribe: ['r'], initialVersions: versionsOf(routes) });
    const [first, ...more] = await stream.rest();
    expect([first?.typeUrl, more]).toEqual([rds, []]);
    if (first !== undefined) stream.ack(first);
    const removal = await stream.take();
    expect([removal.typeUrl, removal.resources, removal.removed]).toEqual([cds, [], ['vanished']]);
    expect(await stream.rest()).toEqual([]);
  });

  it('a client of clusters alone is told what vanished all the same', async () => {
    server.publish(edit(cds, 'a', '1'), edit(cds, 'vanished', '1'));
    const initialVersions = await taken(cds, []);
    server.publish(edit(cds, 'vanished', null));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: cds, initialVersions });
    expect((await stream.take()).removed).toEqual(['vanished']);
    const single = server.client().open('delta', 'cds');
    single.delta({ node: NODE, typeUrl: cds, initialVersions });
    expect((await single.take()).removed).toEqual(['vanished']);
  });
});

describe('case 16 after a reconnect: endpoints follow their changed cluster, though the client says it has them', () => {
  it('delta', async () => {
    server.publish(edit(cds, 'eds-a', '1'), edit(cds, 'eds-b', '1'), edit(eds, 'eds-a', '1'), edit(eds, 'eds-b', '1'));
    const before = open('delta');
    before.subscribe(cds);
    const clusters = await before.take();
    before.subscribe(eds, ['eds-a', 'eds-b']);
    const endpoints = await before.take();
    before.cancel();
    server.publish(edit(cds, 'eds-a', '2'));
    const stream = open('delta');
    stream.delta({ node: NODE, typeUrl: cds, initialVersions: versionsOf(clusters) });
    expect(contents(await stream.next())).toEqual(['eds-a=2']);
    stream.delta({ typeUrl: eds, subscribe: ['eds-a', 'eds-b'], initialVersions: versionsOf(endpoints) });
    expect((await stream.rest()).map(contents)).toEqual([['eds-a=1']]);
  });

  it('sotw', async () => {
    server.publish(edit(cds, 'eds-a', '1'), edit(eds, 'eds-a', '1'));
    const before = open('sotw');
    before.subscribe(cds);
    const clusters = await before.take();
    before.subscribe(eds, ['eds-a']);
    const endpoints = await before.take(['eds-a']);
    before.cancel();
    server.publish(edit(cds, 'eds-a', '2'));
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: cds, versionInfo: clusters.version });
    expect(contents(await stream.next())).toEqual(['eds-a=2']);
    stream.sotw({ typeUrl: eds, names: ['eds-a'], versionInfo: endpoints.version });
    expect((await stream.rest()).map(contents)).toEqual([['eds-a=1']]);
  });

  it('the other way round, endpoints asked for before clusters', async () => {
    server.publish(edit(cds, 'eds-a', '1'), edit(eds, 'eds-a', '1'));
    const before = open('sotw');
    before.subscribe(eds, ['eds-a']);
    const endpoints = await before.take(['eds-a']);
    before.cancel();
    const stream = open('sotw');
    stream.sotw({ node: NODE, typeUrl: eds, names: ['eds-a'], versionInfo: endpoints.version });
    stream.sotw({ typeUrl: cds });
    expect((await stream.rest()).map(contents)).toEqual([['eds-a=1'], ['eds-a=1']]);
  });
});
