import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet } from '../../src/rollout/fleet.ts';
import { service, TestDesired, testTranslator } from '../../src/rollout/testkit.ts';
import { hostAliases } from '../../src/translator/host-aliases.ts';
import { contents, NODE, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { encodeNode, type Response } from '../support/xds-wire.ts';

/** Resources that answer to more names than their own. The number is that of the cases that naive servers get wrong. */

const { cds, lds, rds, vhds } = TYPES;

let server: TestServer;

afterEach(() => server.close());

/** `name=content (aliases)` of each resource, `name (aliases)` of one without a body. */
function named({ resources }: Response): string[] {
  return resources.map(({ name, typeUrl, body, aliases }) => `${name}${typeUrl === '' ? '' : `=${body}`} (${aliases.join()})`).toSorted();
}

function versionsOf(...responses: readonly Response[]): Map<string, string> {
  return new Map(responses.flatMap(({ resources }) => resources.map(({ name, version }) => [name, version] as const)));
}

describe('case 23: aliases', () => {
  beforeEach(async () => {
    server = await TestServer.start({}, { byName: new Set([cds]), aliases: new Map([[vhds, hostAliases]]) });
  });

  const host = (name: string, content: string | null) => edit(vhds, `http/${name}`, content);

  /** A stream that has been told that there is nothing yet. */
  async function begun(service: 'ads' | 'vhds' = 'ads'): Promise<TestStream> {
    const stream = server.client().open('delta', service);
    stream.subscribe(vhds);
    await stream.take();
    return stream;
  }

  it.each(['ads', 'vhds'] as const)('%s: asked for everything, nothing is said at once, in the namespace that Envoy watches', async (service) => {
    server.publish(host('web.test', '1'));
    const stream = server.client().open('delta', service);
    stream.subscribe(vhds);
    const first = await stream.take();
    expect([first.typeUrl, first.resources, first.removed]).toEqual([vhds, [], ['http/']]);
    stream.delta({ typeUrl: vhds, subscribe: ['http/web.test'] });
    expect(named(await stream.take())).toEqual(['http/web.test=1 ()']);
  });

  it('what is asked for by an alias comes under its own name, with the alias', async () => {
    server.publish(host('web.test', '1'), host('other.test', '1'));
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/Web.test:8080', 'http/web.test:80'] });
    expect(named(await stream.take())).toEqual(['http/web.test=1 (http/Web.test:8080,http/web.test:80)']);
    server.publish(host('web.test', '2'), host('other.test', '2'));
    expect((await stream.rest()).map(named)).toEqual([['http/web.test=2 ()']]);
  });

  it('by names of which one is there, each is answered by itself', async () => {
    server.publish(host('web.test', '1'));
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/web.test', 'http/nobody.test:80'] });
    const answers = await stream.rest();
    expect(answers.flatMap(named).toSorted()).toEqual(['http/nobody.test:80 (http/nobody.test:80)', 'http/web.test=1 ()']);
  });

  it('a name without a resource is answered without a body, each time, and pushed once it is there', async () => {
    const stream = await begun();
    for (let i = 0; i < 2; i++) {
      stream.delta({ typeUrl: vhds, subscribe: ['http/late.test:80'] });
      const absent = await stream.take();
      expect([named(absent), absent.removed]).toEqual([['http/late.test:80 (http/late.test:80)'], []]);
    }
    server.publish(host('other.test', '1'));
    expect(await stream.rest()).toEqual([]);
    server.publish(host('late.test', '1'));
    expect((await stream.rest()).map(named)).toEqual([['http/late.test=1 ()']]);
  });

  it('what is given up, by whatever alias, is not followed any more', async () => {
    server.publish(host('web.test', '1'), host('api.test', '1'));
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/web.test:80', 'http/api.test', 'http/late.test'] });
    await stream.rest();
    stream.delta({ typeUrl: vhds, unsubscribe: ['http/WEB.test', 'http/late.test'] });
    expect((await stream.rest()).flatMap(({ resources, removed }) => [...resources, ...removed])).toEqual(['http/web.test']);
    server.publish(host('web.test', '2'), host('api.test', '2'), host('late.test', '1'));
    expect((await stream.rest()).map(named)).toEqual([['http/api.test=2 ()']]);
  });

  it('who comes back is sent the difference to what it held', async () => {
    server.publish(host('same.test', '1'), host('changed.test', '1'), host('gone.test', '1'));
    const names = ['same', 'changed', 'gone', 'late', 'never'].map((each) => `http/${each}.test`);
    const before = await begun();
    before.delta({ typeUrl: vhds, subscribe: names });
    const held = versionsOf(...(await before.rest()));
    expect([...held.keys()].toSorted()).toEqual(names.toSorted());
    before.cancel();
    server.publish(host('changed.test', '2'), host('gone.test', null), host('late.test', '1'), host('other.test', '1'));
    const stream = server.client().open('delta');
    stream.delta({ node: NODE, typeUrl: vhds, subscribe: names, initialVersions: held });
    const answers = await stream.rest();
    expect(answers.flatMap(named).toSorted()).toEqual(['http/changed.test=2 ()', 'http/late.test=1 ()']);
    expect(answers.flatMap(({ removed }) => removed)).toEqual(['http/gone.test']);
    for (const answer of answers) stream.ack(answer);
    server.publish(host('never.test', '1'), host('gone.test', '2'), host('same.test', '2'));
    expect((await stream.rest()).flatMap(named).toSorted()).toEqual(['http/gone.test=2 ()', 'http/never.test=1 ()', 'http/same.test=2 ()']);
  });

  it('what goes is taken away by its own name, and comes back unasked', async () => {
    server.publish(host('web.test', '1'), host('other.test', '1'));
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/web.test:80'] });
    await stream.take();
    server.publish(host('web.test', null), host('other.test', null));
    const gone = await stream.take();
    expect([gone.resources, gone.removed]).toEqual([[], ['http/web.test']]);
    stream.delta({ typeUrl: vhds, subscribe: ['http/web.test:80'] });
    expect(named(await stream.take())).toEqual(['http/web.test:80 (http/web.test:80)']);
    server.publish(host('web.test', '1'));
    expect((await stream.rest()).map(named)).toEqual([['http/web.test=1 ()']]);
  });

  it('a wildcard host answers where nothing narrower does, and brings along what is below it, now and later', async () => {
    server.publish(host('*.test', 'wide'), host('*.in.test', 'narrow'), host('exact.test', '1'), host('exact.other', '1'));
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/a.in.test'] });
    expect((await stream.rest()).flatMap(named)).toEqual(['http/*.in.test=narrow (http/a.in.test)']);
    stream.delta({ typeUrl: vhds, subscribe: ['http/any.test'] });
    expect((await stream.rest()).flatMap(named).toSorted()).toEqual(['http/*.test=wide (http/any.test)', 'http/exact.test=1 ()']);
    server.publish(host('new.test', '1'), host('new.other', '1'));
    expect((await stream.rest()).flatMap(named)).toEqual(['http/new.test=1 ()']);
    server.publish(host('*.in.test', null));
    const gone = await stream.rest();
    expect([gone.flatMap(named), gone.flatMap(({ removed }) => removed)]).toEqual([[], ['http/*.in.test']]);
  });

  it('a wildcard host that comes later answers to who asked and found nothing; a wider one where the narrower goes', async () => {
    const stream = await begun();
    stream.delta({ typeUrl: vhds, subscribe: ['http/a.in.test'] });
    await stream.take();
    server.publish(host('*.in.test', 'narrow'));
    expect((await stream.rest()).flatMap(named)).toEqual(['http/*.in.test=narrow ()']);
    server.publish(host('*.test', 'wide'));
    expect(await stream.rest()).toEqual([]);
    server.publish(host('*.in.test', null));
    const answers = await stream.rest();
    expect([answers.flatMap(({ removed }) => removed), answers.flatMap(named)]).toEqual([['http/*.in.test'], ['http/*.test=wide ()']]);
    server.publish(host('*.test', 'wider'));
    expect((await stream.rest()).flatMap(named)).toEqual(['http/*.test=wider ()']);
  });

  it('clusters are sent by name alone, whatever a wildcard asks', async () => {
    server.publish(edit(cds, 'web', '1'), edit(cds, 'api', '1'));
    const stream = server.client().open('delta');
    stream.subscribe(cds);
    const nothing = await stream.take();
    expect([nothing.resources, nothing.removed]).toEqual([[], []]);
    stream.delta({ typeUrl: cds, subscribe: ['web'] });
    expect(contents(await stream.take())).toEqual(['web=1']);
    server.publish(edit(cds, 'api', '2'), edit(cds, 'web', '2'));
    expect((await stream.rest()).map(contents)).toEqual([['web=2']]);
  });
});

describe('case 23: a group whose Envoys ask on demand', () => {
  beforeEach(async () => {
    const fleet = new Fleet({
      desired: new TestDesired(service('web'), service('api')),
      translator: testTranslator,
      listeners: { default: { host: '127.0.0.1', port: 10_000 } },
      onDemand: ['lazy'],
      events: { settled: () => undefined, rejected: () => undefined, closed: () => undefined },
    });
    server = await TestServer.start({ attach: (client) => fleet.attach(client) });
  });

  /** What a client has of clusters and routes once it has asked for everything. */
  async function everything(variant: Variant, agent: string, group: string): Promise<[clusters: number, routes: string]> {
    const stream = server.client().open(variant);
    stream.subscribe(cds, [], encodeNode({ id: 'node', cluster: group, agent }));
    const clusters = await stream.take();
    stream.subscribe(lds);
    await stream.take();
    stream.subscribe(rds, ['http']);
    const routes = await stream.take(['http']);
    return [clusters.resources.length, routes.resources.map(({ body }) => body).join()];
  }

  it('has nothing at first for an Envoy on incremental ADS', async () => {
    expect(await everything('delta', 'envoy', 'lazy')).toEqual([0, 'hosts on demand over ads']);
  });

  it.each([
    ['state of the world', 'sotw', 'envoy', 'lazy'],
    ['something else than an Envoy', 'delta', 'other', 'lazy'],
    ['an Envoy of another group', 'delta', 'envoy', 'default'],
  ] as const)('is sent whole to %s', async (_, variant, agent, group) => {
    expect(await everything(variant, agent, group)).toEqual([2, 'api.example.com -> api;web.example.com -> web;']);
  });
});
