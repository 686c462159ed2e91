import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineOf, type ShortContainer } from '../../../tests/support/docker-containers.ts';
import { keyOf } from '../../model/kinds.ts';
import { parseWish } from '../../model/schemas.ts';
import { declareServices, LABEL_DEFAULTS } from './declare.ts';
import { LATER_WORDS, MATCH_WORDS, SERVICE_WORDS } from './service-vocabulary.ts';

const NOW = new Date('2026-01-01T00:10:00Z');
const GOOD: ShortContainer = { name: 'good', compose: 'good/good', labels: { 'envoyage.enable': 'true', 'envoyage.host': 'good.test' } };

const words = [...Object.keys(SERVICE_WORDS), ...Object.keys(LATER_WORDS), 'header.X-A', 'query.q', 'split.v1', 'split.v2', 'sticky', 'helth.path', 'route'];
const word = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom(...Object.keys(MATCH_WORDS)).map((each) => `route.more.${each}`),
  fc.string({ maxLength: 12 }),
);
const serviceKey = fc.tuple(fc.constantFrom('', '', 'web.', 'api.', 'Odd.'), word).map(([service, rest]) => `envoyage.${service}${rest}`);
const containerKey = fc.constantFrom('groups', 'project', 'network', 'address', 'drain', 'linger').map((each) => `envoyage.${each}`);
const examples = Object.values(SERVICE_WORDS).map(({ example }) => example);
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...examples, 'v1', 'v2', '0', 'off', 'none', 'active', '*', 'a.test,b.test', '192.0.2.1', 'shop') },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);
/** Mostly what is right for the key, so that there is something to declare. */
const label = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(...Object.keys(SERVICE_WORDS)).map((each): [string, string] => [`envoyage.${each}`, SERVICE_WORDS[each]?.example ?? '']),
  },
  { weight: 3, arbitrary: fc.tuple(serviceKey, value) },
  { weight: 1, arbitrary: fc.tuple(containerKey, value) },
  { weight: 1, arbitrary: fc.tuple(fc.string({ maxLength: 12 }), value) },
);
const labels = fc
  .array(label, { maxLength: 6 })
  .map((entries) => ({ 'envoyage.enable': 'true', 'envoyage.host': 'web.test', ...Object.fromEntries(entries.filter(([key]) => key !== '__proto__')) }));
const time = fc.option(
  fc.integer({ min: -120, max: 5 }).map((seconds) => new Date(NOW.getTime() + seconds * 1000).toISOString()),
  { nil: undefined },
);
const container = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    compose: fc.constantFrom('shop/web', 'shop/Web', 'shop/api', 'shop_2/web.api'),
    labels,
    state: fc.constantFrom('created', 'running', 'running', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'),
    health: fc.constantFrom('none', 'starting', 'healthy', 'unhealthy'),
    stoppingSince: time,
    exitedAt: time,
    networkMode: fc.constantFrom('bridge', 'bridge', 'host', 'none', 'container:a'),
    networks: fc.dictionary(fc.constantFrom('n', 'shop_n'), fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1', ''), { maxKeys: 2 }),
    exposed: fc.array(fc.constantFrom('80', '8080', '53/udp'), { maxLength: 2 }),
    published: fc.array(fc.constantFrom('0.0.0.0:8000:80', '127.0.0.1:8001:80', ':::8002:8080'), { maxLength: 2 }),
    plain: fc.boolean(),
  })
  .map(({ plain, compose, ...rest }) => (plain ? rest : { ...rest, compose }) as ShortContainer);
const engine = fc.record({ host: fc.constantFrom('local', 'host-b'), address: fc.constant('192.0.2.9'), containers: fc.array(container, { maxLength: 5 }) });

describe('any labels', () => {
  it('become objects that can be read, each under a name of its own, or problems, and leave others alone', () => {
    let objectsSeen = 0;
    let problemsSeen = 0;
    fc.assert(
      fc.property(fc.array(engine, { maxLength: 2 }), (engines) => {
        const all = [...engines.map(engineOf), engineOf({ host: 'host-c', address: '192.0.2.1', containers: [{ ...GOOD, published: [':8080:80'] }] })];
        const { state, next } = declareServices(all, LABEL_DEFAULTS, NOW);
        const keys = state.objects.map(({ object }) => keyOf(parseWish(object)));
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).toContain('good.good');
        for (const { code, origin, message } of state.problems) expect([code, origin, message].every((each) => each !== undefined && each !== '')).toBe(true);
        if (next !== undefined) expect(next.getTime()).toBeGreaterThan(NOW.getTime());
        const turned = all.toReversed().map((each) => ({ ...each, containers: each.containers.toReversed() }));
        if (
          new Set(all.map(({ host }) => host)).size === all.length &&
          all.every(({ containers }) => new Set(containers.map(({ id }) => id)).size === containers.length)
        )
          expect(JSON.stringify(declareServices(turned, LABEL_DEFAULTS, NOW))).toBe(JSON.stringify({ state, next }));
        objectsSeen += keys.length - 1;
        problemsSeen += state.problems.length;
      }),
      { numRuns: 400 },
    );
    expect(objectsSeen).toBeGreaterThan(100);
    expect(problemsSeen).toBeGreaterThan(100);
  });

  it('may be as long as they like', () => {
    const long = 'x'.repeat(100_000);
    const { state } = declareServices(
      [engineOf({ containers: [{ name: 'a', labels: { 'envoyage.enable': 'true', [`envoyage.${long}`]: long, [`envoyage.host`]: long } }] })],
      LABEL_DEFAULTS,
      NOW,
    );
    expect(state.objects).toEqual([]);
    expect(Math.max(...state.problems.map(({ message }) => message.length))).toBeLessThan(500);
  });
});

describe('what is the same as before', () => {
  it('is the same object, so that nobody has to read it again', () => {
    const one = engineOf({ containers: [GOOD] });
    const more = { ...one, containers: [...one.containers, ...engineOf({ containers: [{ ...GOOD, name: 'new', compose: 'new/new' }] }).containers] };
    const [before] = declareServices([one], LABEL_DEFAULTS, NOW).state.objects;
    const after = declareServices([more], LABEL_DEFAULTS, NOW).state.objects;
    expect(before).toBeDefined();
    expect(after[0]).toBe(before);
    expect(after.length).toBe(2);
    const stopping = { ...one, containers: one.containers.map((each) => ({ ...each, stoppingSince: NOW.toISOString() })) };
    const [changed] = declareServices([stopping], LABEL_DEFAULTS, NOW).state.objects;
    expect(changed?.object).toMatchObject({ endpoints: [{ state: 'draining' }] });
    expect(declareServices([one], LABEL_DEFAULTS, NOW).state.objects[0]?.object).toEqual(before?.object);
  });
});

describe('where a part was said', () => {
  const declared = (given: Readonly<Record<string, string>>) =>
    declareServices([engineOf({ containers: [{ name: 'shop-web-1', labels: { 'envoyage.enable': 'true', ...given } }] })], LABEL_DEFAULTS, NOW).state.objects;

  it('is the label, for what only the registry can know', () => {
    const [service, route] = declared({ 'envoyage.web.host': 'a.test,b.test', 'envoyage.web.listener': 'https' });
    expect(route?.placeOf?.('/listeners/0')).toBe('container shop-web-1, label envoyage.web.listener');
    expect(route?.placeOf?.('/hosts/1')).toBe('container shop-web-1, label envoyage.web.host');
    expect(service?.placeOf?.('/name')).toBeUndefined();
  });

  it('is that of a further route, where it has one of its own', () => {
    const route = declared({ 'envoyage.host': 'a.test', 'envoyage.route.x.host': 'b.test', 'envoyage.route.x.listener': 'x', 'envoyage.listener': 'y' }).at(-1);
    expect(route?.placeOf?.('/listeners/0')).toBe('container shop-web-1, label envoyage.route.x.listener');
  });
});

describe('names', () => {
  it('are never too long, whatever they are made of', () => {
    const long = Array.from({ length: 4 }, () => 'h'.repeat(60)).join('.');
    const name = 'n'.repeat(63);
    const labels = {
      'envoyage.host': long,
      'envoyage.path': `/${'p'.repeat(500)}`,
      [`envoyage.route.${name}.host`]: 'b.test',
      'envoyage.tls.redirect': 'true',
    };
    const split = { 'envoyage.version': name, [`envoyage.split.${name}`]: '100' };
    const container = { name: 'a', labels: { 'envoyage.enable': 'true', 'envoyage.project': name, ...labels, ...split } };
    const { objects, problems } = declareServices([engineOf({ containers: [container] })], LABEL_DEFAULTS, NOW).state;
    expect(problems).toEqual([]);
    const keys = objects.map(({ object }) => keyOf(parseWish(object)));
    expect(new Set(keys).size).toBe(5);
    expect(Math.max(...keys.map((key) => key.length))).toBeGreaterThan(240);
  });
});
