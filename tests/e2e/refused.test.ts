import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rolloutPort } from '../../src/daemon/rollout-port.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { Rollout } from '../../src/rollout/rollout.ts';
import { service, TestDesired } from '../../src/rollout/testkit.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import type { Answer } from '../../src/xds/frame.ts';
import { makeResource } from '../../src/xds/resource.ts';
import { startXdsServer, type XdsServer } from '../../src/xds/server.ts';
import type { Store } from '../../src/xds/store.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { freePort } from '../support/ports.ts';
import { tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';
import { TYPES } from '../support/xds-client.ts';

/**
 * A resource that encodes and that Envoy refuses, among good ones: it counts once, whatever else changes. The resources go
 * into the store that the rollout made, since the vocabulary has no words for bad ones.
 */

const api = loadEnvoyApi();
const { cds, eds, lds, rds } = TYPES;
type Type = typeof cds | typeof eds | typeof lds | typeof rds;

const MESSAGES = {
  [cds]: 'envoy.config.cluster.v3.Cluster',
  [eds]: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
  [lds]: 'envoy.config.listener.v3.Listener',
  [rds]: 'envoy.config.route.v3.RouteConfiguration',
} as const;

const cluster = (name: string, more: JsonObject = {}): JsonObject => ({ name, type: 'STATIC', connectTimeout: '1s', ...more });
const endpoints = (name: string, address: string): JsonObject => ({
  clusterName: name,
  endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address, portValue: 80 } } } }] }],
});
const listener = (name: string, address: string, portValue: number): JsonObject => ({
  name,
  address: { socketAddress: { address, portValue } },
  filterChains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.tcp_proxy',
          typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', statPrefix: name, cluster: 'web' },
        },
      ],
    },
  ],
});
const routes = (regex: string): JsonObject => ({
  name: 'http',
  virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { safeRegex: { regex } }, route: { cluster: 'web' } }] }],
});

let bins: Map<string, string>;

beforeAll(async () => {
  bins = new Map(await Promise.all(ENVOY_VERSIONS.map(async (version) => [version, await testEnvoy(version)] as const)));
}, ENVOY_INSTALL_TIMEOUT_MS);

describe.each(ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => [version, variant] as const)))(
  'Envoy %s, %s',
  (version, variant) => {
    let folder: ReturnType<typeof tempDir>;
    let server: XdsServer;
    let rollout: Rollout;
    let envoy: TestEnvoy;
    let store: Store | undefined;
    let sent: Answer[];
    let answers: number;

    beforeEach(async () => {
      folder = tempDir();
      sent = [];
      answers = 0;
      store = undefined;
      rollout = new Rollout({
        desired: new TestDesired(service('web', ['127.0.0.1:9']), service('api', ['127.0.0.1:9'])),
        translator: createTranslator(api),
        listeners: { default: { host: '127.0.0.1', port: await freePort() } },
      });
      server = await startXdsServer({
        address: { host: '127.0.0.1', port: 0 },
        attach: (client) => {
          const { observer, ...attachment } = rollout.attach(client);
          store = attachment.store;
          const watch = {
            sent: (answer: Answer, bytes: number) => {
              sent.push(answer);
              observer.sent(answer, bytes);
            },
            acked: (answer: Answer) => {
              answers++;
              observer.acked(answer);
            },
            rejected: (rejection: Parameters<typeof observer.rejected>[0]) => {
              answers++;
              observer.rejected(rejection);
            },
          };
          return {
            ...attachment,
            observer: {
              ...watch,
              recovered: (type) => observer.recovered(type),
              settled: (seq) => observer.settled(seq),
              asked: (type) => observer.asked(type),
              closed: () => observer.closed(),
            },
          };
        },
      });
      envoy = await TestEnvoy.create({ bin: bins.get(version) ?? '', folder: folder.path, nodeId: 'node-1', xdsPort: server.address.port, variant });
      envoy.start();
      await waitFor('Envoy to be in sync', () => node()?.state === 'in-sync');
    });

    afterEach(async () => {
      await envoy.stop();
      await server.close();
      rollout.close();
      folder.remove();
    });

    /** As GET /api/v1/nodes has it. */
    const node = () => rolloutPort(rollout, '').nodes()[0];
    const refusal = (type: string) => node()?.types.find((each) => each.type === type)?.rejection?.message;

    const publish = (type: Type, name: string, content: JsonObject): void => {
      store?.publish([{ type, name, resource: makeResource(type, name, api.encode(MESSAGES[type], content)) }]);
      store?.announce();
    };
    /** Everything sent is answered. */
    const quiet = () => waitFor('everything to be answered', () => answers === sent.length);

    const cases = [
      {
        what: 'cds',
        type: cds,
        name: 'bad',
        stat: 'cluster_manager.cds.update_rejected',
        bad: () => cluster('bad', { transportSocket: { name: 'no.such.socket' } }),
        words: 'no.such.socket',
        mended: () => cluster('bad'),
        other: async (i: number) => publish(cds, `good-${i}`, cluster(`good-${i}`)),
        applied: async (i: number) => (await admin('/clusters')).includes(`good-${i}::`),
      },
      {
        what: 'lds',
        type: lds,
        name: 'bad',
        stat: 'listener_manager.lds.update_rejected',
        bad: () => listener('bad', '192.0.2.1', 12_001),
        words: '192.0.2.1',
        mended: () => ({ ...listener('bad', '127.0.0.1', 0) }),
        other: async (i: number) => publish(lds, `good-${i}`, listener(`good-${i}`, '127.0.0.1', await freePort())),
        applied: async (i: number) => (await admin('/listeners')).includes(`good-${i}::`),
      },
      {
        what: 'rds',
        type: rds,
        name: 'http',
        stat: 'http.http.rds.http.update_rejected',
        bad: () => routes('('),
        words: 'missing )',
        mended: () => routes('/fine'),
        other: async (i: number) => publish(cds, `good-${i}`, cluster(`good-${i}`)),
        applied: async (i: number) => (await admin('/clusters')).includes(`good-${i}::`),
      },
      {
        what: 'eds',
        type: eds,
        name: 'web',
        stat: 'cluster.web.update_rejected',
        bad: () => endpoints('web', 'not-an-address'),
        words: 'not-an-address',
        mended: () => endpoints('web', '127.0.0.9'),
        other: async (i: number) => publish(eds, 'api', endpoints('api', `127.0.0.${10 + i}`)),
        applied: async (i: number) => (await admin('/clusters')).includes(`api::127.0.0.${10 + i}:80`),
      },
    ];

    const admin = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${envoy.adminPort}${path}`)).text();

    it.each(cases)(
      '$what: counts once and stays so, the others go on, and what is mended is taken',
      async ({ what, type, name, stat, bad, words, mended, other, applied }) => {
        const times = (): number => sent.filter((answer) => answer.type === type && answer.names.includes(name)).length;
        publish(type, name, bad());
        await waitFor('Envoy to refuse it', () => refusal(what));
        await quiet();
        expect(refusal(what)).toContain(words);
        expect(node()?.state).toBe('rejected');
        const before = times();
        for (let i = 1; i <= 4; i++) {
          const count = sent.length;
          await other(i);
          await waitFor(`good change ${i} to apply`, () => applied(i));
          await quiet();
          // One answer to one change: acknowledgements have none.
          expect(sent.length).toBe(count + 1);
        }
        expect([await envoy.stat(stat), times() - before]).toEqual([1, 0]);
        expect(refusal(what)).toContain(words);
        publish(type, name, mended());
        await waitFor('Envoy to take what was mended', () => node()?.state === 'in-sync');
        expect([await envoy.stat(stat), refusal(what)]).toEqual([1, undefined]);
      },
    );
  },
);
