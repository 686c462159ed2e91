import { afterEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';
import { contents, type TestStream, TYPES, type Variant, XdsClient } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { encodeNode, type Response } from '../support/xds-wire.ts';

/** Resources that clients drop after a time, and the heartbeats against that. */

const { cds, eds, lds } = TYPES;
const TTL_FEATURE = 'xds.config.supports-resource-ttl';
const WRAPPER_FEATURE = 'xds.config.supports-resource-in-sotw';
const TAKES_TTL = nodeWith(TTL_FEATURE, WRAPPER_FEATURE);
const VARIANTS = ['delta', 'sotw'] as const;

const open: TestServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

function nodeWith(...features: string[]): Buffer {
  return encodeNode({ id: 'node-1', cluster: 'default', agent: 'envoy', features: ['envoy.other', ...features] });
}

/** A server whose listeners and endpoints last for a second, with one of each. */
async function start(ttl = true): Promise<TestServer> {
  const server = await TestServer.start({}, ttl ? { ttl: { seconds: 1, types: new Set([lds, eds]) } } : {});
  open.push(server);
  server.publish(edit(lds, 'a', '1'), edit(eds, 'a', '1'), edit(cds, 'a', '1'));
  return server;
}

/** A client that asks for one type, by name where that is endpoints. */
function subscribe(server: TestServer, variant: Variant, type: string, node = TAKES_TTL): TestStream {
  const stream = server.client().open(variant);
  stream.subscribe(type, namesOf(type), node);
  return stream;
}

function namesOf(type: string): string[] {
  return type === eds ? ['a', 'b'] : [];
}

/** What became of a stream, without what it says of how far it has come. */
function told(server: TestServer, at = 0): string[] {
  return (server.reports[at]?.report ?? []).filter((what) => !what.startsWith('settled'));
}

function ttls({ resources }: Response): (number | undefined)[] {
  return resources.map(({ ttl }) => ttl);
}

/** Has another client hear so many heartbeats: whoever was to hear any has been sent them. */
async function beats(server: TestServer, count: number): Promise<void> {
  const witness = subscribe(server, 'delta', lds);
  for (let i = 0; i <= count; i++) await witness.take();
  witness.cancel();
}

describe('case 24: who is told a time to live', () => {
  it.each([
    ['delta', [TTL_FEATURE], 1],
    ['delta', [WRAPPER_FEATURE], undefined],
    ['delta', [], undefined],
    ['sotw', [TTL_FEATURE, WRAPPER_FEATURE], 1],
    ['sotw', [TTL_FEATURE, 'xds.config.resource-in-sotw'], 1],
    ['sotw', [TTL_FEATURE], undefined],
    ['sotw', [WRAPPER_FEATURE], undefined],
    ['sotw', [], undefined],
  ] as const)('%s, declares %j: %s', async (variant, features, ttl) => {
    const server = await start();
    for (const type of [lds, eds]) {
      const response = await subscribe(server, variant, type, nodeWith(...features)).next();
      expect([contents(response), ttls(response)]).toEqual([['a=1'], [ttl]]);
      expect(response.resources[0]?.typeUrl).toBe(type);
    }
    expect(ttls(await subscribe(server, variant, cds, nodeWith(...features)).next())).toEqual([undefined]);
  });

  it.each(VARIANTS)('%s: who is told none hears no heartbeats', async (variant) => {
    const server = await start();
    const stream = subscribe(server, variant, lds, nodeWith());
    await stream.take();
    await beats(server, 3);
    expect(await stream.rest()).toEqual([]);
  });
});

describe.each(VARIANTS)('case 24: heartbeats, %s', (variant) => {
  it('repeat the version, without a body, and are no change', async () => {
    const server = await start();
    const stream = subscribe(server, variant, eds);
    const first = await stream.take(namesOf(eds));
    for (let i = 0; i < 4; i++) {
      const beat = await stream.take(namesOf(eds));
      expect(beat.resources).toEqual([{ name: 'a', version: first.resources[0]?.version, aliases: [], typeUrl: '', body: '', ttl: 1 }]);
      expect([beat.version, beat.nonce === first.nonce]).toEqual([first.version, false]);
    }
    expect(told(server)).toEqual(['sent eds', 'acked eds']);
  });

  it('of listeners have a body in the state of the world alone, where Envoy takes them for all there is', async () => {
    const server = await start();
    const stream = subscribe(server, variant, lds);
    const first = await stream.take();
    const beat = await stream.take();
    expect([beat.version, beat.resources.map(({ body }) => body), ttls(beat)]).toEqual([first.version, [variant === 'sotw' ? '1' : ''], [1]]);
    expect(told(server)).toEqual(['sent lds', 'acked lds']);
  });

  it('come only for what was acknowledged', async () => {
    const server = await start();
    const stream = subscribe(server, variant, lds);
    const first = await stream.next();
    await beats(server, 3);
    expect(await stream.rest()).toEqual([]);
    stream.ack(first);
    expect((await stream.take()).version).toBe(first.version);
  });

  it('name the newest version, and nothing that is gone', async () => {
    const server = await start();
    const stream = subscribe(server, variant, lds);
    await stream.take();
    server.publish(edit(lds, 'b', '1'));
    let update = await stream.take();
    while (!contents(update).includes('b=1')) update = await stream.take();
    const beat = await stream.take();
    expect([beat.resources.map(({ name }) => name).toSorted(), beat.version]).toEqual([['a', 'b'], update.version]);
    server.publish(edit(lds, 'a', null));
    const gone = (response: Response): boolean => (variant === 'delta' ? response.removed.includes('a') : response.version !== beat.version);
    while (!gone(await stream.take()));
    expect((await stream.take()).resources.map(({ name }) => name)).toEqual(['b']);
  });

  it('go on for the old version while a new one stands refused', async () => {
    const server = await start();
    const stream = subscribe(server, variant, lds);
    const first = await stream.take();
    await stream.rest();
    server.publish(edit(lds, 'a', 'bad'));
    let update = await stream.next();
    for (; !contents(update).includes('a=bad'); update = await stream.next()) stream.ack(update);
    stream.nack(update, 'no', [], first.version);
    for (let i = 0; i < 3; i++) {
      const beat = await stream.take();
      const seen = variant === 'delta' ? beat.resources[0]?.version : beat.version;
      expect([seen, contents(beat)]).toEqual(variant === 'delta' ? [first.resources[0]?.version, ['a=']] : [first.version, ['a=1']]);
    }
    expect(told(server)).toEqual(['sent lds', 'acked lds', 'sent lds', 'rejected (no) lds']);
  });

  it('that are refused bring the resource, and refuse nothing', async () => {
    const server = await start();
    const stream = subscribe(server, variant, eds);
    const first = await stream.take(namesOf(eds));
    stream.nack(await stream.next(), 'type URL does not match', namesOf(eds), first.version);
    expect(contents(await stream.take(namesOf(eds)))).toEqual(['a=1']);
    expect((await stream.take(namesOf(eds))).resources[0]).toMatchObject({ name: 'a', body: '' });
    expect(told(server)).toEqual(['sent eds', 'acked eds', 'sent eds', 'acked eds']);
  });

  it('that stay unanswered for the time to live bring the resource, which may be lost by then', async () => {
    const server = await start();
    const stream = subscribe(server, variant, eds);
    await stream.take(namesOf(eds));
    let heard = await stream.next();
    expect(heard.resources[0]?.body).toBe('');
    while (heard.resources[0]?.body === '') heard = await stream.next();
    expect([contents(heard), ttls(heard)]).toEqual([['a=1'], [1]]);
  });

  it('end with the stream', async () => {
    const server = await start();
    const stream = subscribe(server, variant, lds);
    await stream.take();
    await stream.rest();
    stream.cancel();
    await beats(server, 2);
    expect(told(server)).toEqual(['sent lds', 'acked lds', 'closed']);
  });
});

describe('case 24: clients that come back', () => {
  it('delta: who has it hears a heartbeat at once', async () => {
    const server = await start();
    const { resources } = await subscribe(server, 'delta', lds).take();
    const stream = server.client().open('delta');
    stream.delta({ node: TAKES_TTL, typeUrl: lds, initialVersions: new Map([['a', resources[0]?.version ?? '']]) });
    expect((await stream.take()).resources).toEqual([{ name: 'a', version: resources[0]?.version, aliases: [], typeUrl: '', body: '', ttl: 1 }]);
    expect(told(server, 1)).toEqual([]);
  });

  it('sotw: a version says nothing of what a client still has, so it is sent', async () => {
    const server = await start();
    const { version } = await subscribe(server, 'sotw', eds).take(namesOf(eds));
    const stream = server.client().open('sotw');
    stream.sotw({ node: TAKES_TTL, typeUrl: eds, names: namesOf(eds), versionInfo: version });
    expect(contents(await stream.next())).toEqual(['a=1']);
  });

  it.each(VARIANTS)('%s: where there is no time to live any more, or one for the first time, it is sent again', async (variant) => {
    const [mortal, lasting] = [await start(), await start(false)];
    for (const [from, to, ttl] of [
      [mortal, lasting, undefined],
      [lasting, mortal, 1],
    ] as const) {
      const { version, resources } = await subscribe(from, variant, lds).take();
      const stream = to.client().open(variant);
      if (variant === 'sotw') stream.sotw({ node: TAKES_TTL, typeUrl: lds, versionInfo: version });
      else stream.delta({ node: TAKES_TTL, typeUrl: lds, initialVersions: new Map([['a', resources[0]?.version ?? '']]) });
      const again = await stream.next();
      expect([contents(again), ttls(again)]).toEqual([['a=1'], [ttl]]);
    }
  });
});

describe('case 24: the whole daemon', () => {
  it('counts heartbeats apart from answers', async () => {
    const api = await TestApi.start({ 'xds-ttl': '1' });
    const client = new XdsClient(api.daemon.xdsAddress.port);
    try {
      const stream = client.open('delta');
      stream.subscribe(lds, [], TAKES_TTL);
      await stream.take();
      await stream.take();
      const text = (await api.call('GET', '/metrics')).text;
      expect(text).toMatch(/^envoyage_xds_heartbeats_total\{group="default",type="lds"\} [1-9]/m);
      expect(text).toContain('envoyage_xds_responses_total{group="default",type="lds"} 1\n');
    } finally {
      client.close();
      await api.close();
    }
  });
});
