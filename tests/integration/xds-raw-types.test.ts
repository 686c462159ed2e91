import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { bootstrapObject } from '../../src/envoy/bootstrap.ts';
import type { Raw } from '../../src/model/raw.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import { raw } from '../../src/translator/raw.ts';
import { makeResource } from '../../src/xds/resource.ts';
import type { Edit } from '../../src/xds/store.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';
import { contents, type ServiceName, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';

/** Types that the vocabulary has no words for: whatever is in the store is served, whatever its type. */

const VARIANTS: readonly Variant[] = ['delta', 'sotw'];
const UNKNOWN = 'type.googleapis.com/made.up.Resource';

describe.each(VARIANTS)('%s', (variant) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.close());

  it.each<[string, ServiceName, string]>([
    ['ecds over a stream of its own', 'ecds', TYPES.ecds],
    ['rtds over a stream of its own', 'rtds', TYPES.rtds],
    ['ecds', 'ads', TYPES.ecds],
    ['rtds', 'ads', TYPES.rtds],
    ['a type that nobody knows', 'ads', UNKNOWN],
  ])('%s: what was asked for, what it becomes, and nothing else', async (_, service, type) => {
    server.publish(edit(type, 'a', '1'), edit(type, 'b', '1'));
    const stream = server.client().open(variant, service);
    stream.subscribe(type, ['a']);
    expect(contents(await stream.take(['a']))).toEqual(['a=1']);
    server.publish(edit(type, 'b', '2'));
    server.publish(edit(type, 'a', '2'));
    expect(contents(await stream.take(['a']))).toEqual(['a=2']);
    server.publish(edit(type, 'a', null));
    if (variant === 'delta') expect((await stream.take()).removed).toEqual(['a']);
    server.publish(edit(type, 'a', '3'));
    expect(contents(await stream.take(['a']))).toEqual(['a=3']);
  });

  it.each<ServiceName>(['srds', 'ads'])('scopes over %s are the whole world', async (service) => {
    server.publish(edit(TYPES.srds, 'a', '1'), edit(TYPES.srds, 'b', '1'));
    const stream = server.client().open(variant, service);
    stream.subscribe(TYPES.srds);
    expect(contents(await stream.take())).toEqual(['a=1', 'b=1']);
    server.publish(edit(TYPES.srds, 'a', null));
    const answer = await stream.take();
    expect(variant === 'delta' ? answer.removed : contents(answer)).toEqual([variant === 'delta' ? 'a' : 'b=1']);
  });

  it('are let go of in the order in which they lead to one another: scopes after listeners, routes after scopes', async () => {
    const all = [TYPES.lds, TYPES.srds, TYPES.rds];
    server.publish(...all.map((type) => edit(type, 'a', '1')));
    const stream = server.client().open('delta');
    for (const type of all) {
      stream.subscribe(type, ['a']);
      await stream.take();
    }
    server.publish(...all.map((type) => edit(type, 'a', null)));
    for (const type of all) expect(await stream.take()).toMatchObject({ typeUrl: type, removed: ['a'] });
  });
});

const MANAGER = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ADS = { ads: {}, resourceApiVersion: 'V3' };

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const api = loadEnvoyApi();
  let bin: string;
  let folder: string;
  let server: TestServer;
  let envoy: TestEnvoy | undefined;
  beforeAll(async () => {
    bin = await testEnvoy(version);
  }, ENVOY_INSTALL_TIMEOUT_MS);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'envoyage-raw-'));
    server = await TestServer.start();
  });
  afterEach(async () => {
    await envoy?.stop();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const made = (name: string, type: string, resource: Raw['resource']): Edit => {
    const { bytes, ...about } = raw({ kind: 'Raw', name, type, resource }, api);
    return { type: about.type, name: about.name, resource: makeResource(about.type, about.name, bytes) };
  };
  const routes = (name: string, body: string): Edit =>
    made(name, TYPES.rds, {
      virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, directResponse: { status: 200, body: { inlineString: body } } }] }],
    });
  const header = (value: string): Edit =>
    made('stamp', TYPES.ecds, {
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
        mutations: { responseMutations: [{ append: { header: { key: 'x-stamp', value }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' } }] },
      },
    });
  const scope = (key: string, to: string): Edit => made(`scope-${key}`, TYPES.srds, { routeConfigurationName: to, key: { fragments: [{ stringKey: key }] } });
  const layer = (value: number): Edit => made('flags', TYPES.rtds, { layer: { 'envoyage.flag': value } });

  const listener = (port: number): Edit =>
    made('main', TYPES.lds, {
      address: { socketAddress: { address: '127.0.0.1', portValue: port } },
      filterChains: [
        {
          filters: [
            {
              name: 'manager',
              typedConfig: {
                '@type': MANAGER,
                statPrefix: 'main',
                scopedRoutes: {
                  name: 'scopes',
                  scopeKeyBuilder: { fragments: [{ headerValueExtractor: { name: 'x-scope', index: 0 } }] },
                  rdsConfigSource: ADS,
                  scopedRds: { scopedRdsConfigSource: ADS },
                },
                httpFilters: [
                  {
                    name: 'stamp',
                    configDiscovery: {
                      configSource: ADS,
                      typeUrls: ['type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation'],
                    },
                  },
                  { name: 'router', typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } },
                ],
              },
            },
          ],
        },
      ],
    });

  it.each(VARIANTS)('takes filters, scopes and runtime layers, and what they become (%s)', async (variant) => {
    const port = await freePort();
    server.publish(listener(port), routes('one', '1'), routes('two', '2'), scope('a', 'one'), scope('b', 'two'), header('first'), layer(1));
    const xdsPort = server.running.address.port;
    const bootstrap = {
      ...bootstrapObject({ nodeId: 'raw', group: 'default', xds: { host: '127.0.0.1', port: xdsPort }, variant }),
      admin: { address: { socket_address: { address: '127.0.0.1', port_value: '{ADMIN}' } } },
      layered_runtime: { layers: [{ name: 'flags', rtds_layer: { name: 'flags', rtds_config: { ads: {}, resource_api_version: 'V3' } } }] },
    };
    envoy = await TestEnvoy.create({ bin, folder, nodeId: 'raw', xdsPort, variant, bootstrap: stringify(bootstrap).replace('"{ADMIN}"', '{ADMIN}') });
    envoy.start();
    const { adminPort } = envoy;
    const get = async (key: string): Promise<string | undefined> => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-scope': key } }).catch(() => undefined);
      return answer === undefined ? undefined : `${answer.status} ${await answer.text()} ${answer.headers.get('x-stamp')}`;
    };
    const flag = async (): Promise<string | undefined> => {
      const runtime = (await (await fetch(`http://127.0.0.1:${adminPort}/runtime`)).json()) as { entries?: Record<string, { final_value: string }> };
      return runtime.entries?.['envoyage.flag']?.final_value;
    };
    const seen = (what: string, look: () => Promise<string | undefined>, expected: string) =>
      waitFor(`${what} ${expected}`, async () => (await look()) === expected);
    await seen('scope a', () => get('a'), '200 1 first');
    await seen('scope b', () => get('b'), '200 2 first');
    await seen('the flag', flag, '1');
    server.publish(scope('b', 'one'), header('second'), layer(2));
    await seen('scope b', () => get('b'), '200 1 second');
    await seen('the flag', flag, '2');
    server.publish({ type: TYPES.srds, name: 'scope-b', resource: null });
    await seen('scope b', async () => (await get('b'))?.slice(0, 3), '404');
    await seen('scope a', () => get('a'), '200 1 second');
  });
});
