import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import type { JsonObject } from '../proto/json.ts';
import { joinRouteConfiguration, routeConfiguration } from './route-configuration.ts';
import { createTranslator } from './translator.ts';

const ROUTES = 'envoy.config.route.v3.RouteConfiguration';
const HOST = 'envoy.config.route.v3.VirtualHost';

describe('joinRouteConfiguration', () => {
  const api = loadEnvoyApi();
  const head = api.encode(ROUTES, routeConfiguration('http'));
  /** Some whose length needs one, two, three and four bytes. */
  const hosts: JsonObject[] = ['a', 'b'.repeat(120), 'c'.repeat(20_000), 'd'.repeat(2_500_000), ''].map((name) => ({
    name,
    domains: [`${name.slice(0, 1)}.example.com`],
  }));
  const join = (some: readonly JsonObject[]): Buffer =>
    joinRouteConfiguration(
      head,
      some.map((each) => api.encode(HOST, each)),
    );

  it.each([0, 1, 2, 3, 4, 5])('of %i hosts is the message as a whole', (count) => {
    const some = hosts.slice(0, count);
    const whole = { ...routeConfiguration('http'), ...(count === 0 ? {} : { virtualHosts: some }) };
    const joined = join(some);
    const own = api.encode(ROUTES, whole);
    expect(joined).toHaveLength(own.length);
    expect(api.decode(ROUTES, joined)).toEqual(api.decode(ROUTES, own));
    expect(api.encode(ROUTES, api.decode(ROUTES, joined))).toEqual(own);
  });

  it("are protobufjs's own bytes where nothing comes after the hosts", () => {
    const name = api.encode(ROUTES, { name: 'http' });
    const parts = hosts.map((each) => api.encode(HOST, each));
    expect(joinRouteConfiguration(name, parts).equals(api.encode(ROUTES, { name: 'http', virtualHosts: hosts }))).toBe(true);
  });

  it('keeps the order that it is given', () => {
    const names = (some: readonly JsonObject[]) => (api.decode(ROUTES, join(some))['virtualHosts'] as JsonObject[]).map((each) => each['domains']);
    expect(names([hosts[1] ?? {}, hosts[0] ?? {}])).toEqual([['b.example.com'], ['a.example.com']]);
  });

  it('takes what is made while it is read', () => {
    const translator = createTranslator(api);
    function* lazily() {
      yield api.encode(HOST, { name: 'a' });
      yield api.encode(HOST, { name: 'b' });
    }
    expect(api.decode(ROUTES, translator.routes('http', lazily()))).toMatchObject({ virtualHosts: [{ name: 'a' }, { name: 'b' }] });
  });
});
