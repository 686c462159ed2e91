import type { Wish } from '../../src/model/kinds.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { freePort } from './ports.ts';
import { resourcesOf } from './resources.ts';
import { staticBootstrap } from './static-bootstrap.ts';
import { TestEnvoy } from './test-envoy.ts';
import { waitFor } from './wait.ts';

/**
 * A real Envoy with what becomes of some objects as its static configuration. Its answers say what they met: `x-met-host`,
 * `x-met-route`, `x-met-cluster`.
 */
export class RoutedEnvoy {
  readonly port: number;
  readonly envoy: TestEnvoy;

  private constructor(envoy: TestEnvoy, port: number) {
    this.envoy = envoy;
    this.port = port;
  }

  static async start(bin: string, folder: string, objects: readonly Wish[]): Promise<RoutedEnvoy> {
    const port = await freePort();
    const resources = resourcesOf(objects, `127.0.0.1:${port}`);
    const config = staticBootstrap({ ...resources, routes: resources.routes.map(telling) });
    const bootstrap = JSON.stringify({ ...config, admin: { address: { socketAddress: { address: '127.0.0.1', portValue: '{ADMIN}' } } } });
    const envoy = await TestEnvoy.create({ bin, folder, nodeId: `routed-${port}`, xdsPort: 0, bootstrap: bootstrap.replace('"{ADMIN}"', '{ADMIN}') });
    envoy.start();
    await waitFor('Envoy to be ready', async () => {
      if (!envoy.alive) throw new Error(`Envoy ended:\n${envoy.log}`);
      return (await fetch(`http://127.0.0.1:${envoy.adminPort}/ready`).catch(() => undefined))?.ok;
    });
    return new RoutedEnvoy(envoy, port);
  }

  stop(): Promise<void> {
    return this.envoy.stop();
  }
}

function telling(table: JsonObject): JsonObject {
  const header = (key: string, value: string): JsonObject => ({ header: { key, value } });
  const hosts = (table['virtualHosts'] ?? []) as readonly JsonObject[];
  const told = (host: JsonObject): JsonObject => ({
    ...host,
    responseHeadersToAdd: [header('x-met-host', String(host['name'])), header('x-met-route', '%ROUTE_NAME%'), header('x-met-cluster', '%UPSTREAM_CLUSTER%')],
  });
  return { ...table, virtualHosts: hosts.map(told) };
}
