import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ProviderStatus } from '../model/provider-status.ts';
import { addGuardMetrics } from './guard-metrics.ts';
import { type FamilyOptions, family } from './metric-family.ts';
import { certificateMetrics } from './metrics-certificates.ts';
import { deliveryMetrics } from './metrics-delivery.ts';
import { fleetMetrics } from './metrics-fleet.ts';
import { providerMetrics } from './metrics-providers.ts';
import { remoteMetrics } from './metrics-remote.ts';
import { safetyMetrics } from './metrics-safety.ts';
import type { Numbers } from './numbers.ts';
import type { ApiPorts } from './ports.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One request answered; `route` is its pattern, never what the client wrote. */
  request(method: string, route: string, status: number, seconds: number): void;
}

/** Read when they are scraped, from where the numbers are kept anyway. */
export function createMetrics({ services, guard, certificates, providers, agents, push, info, numbers }: ApiPorts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'envoyage_info', help: 'Always 1; the version is a label.', labelNames: ['version'], registers }).set({ version: info().version }, 1);
  // Counted once for all families of one scrape.
  let scraped: Numbers | undefined;
  const now = (): Numbers => scraped ?? numbers();
  let listed: readonly ProviderStatus[] = [];
  const families: FamilyOptions[] = [
    { name: 'envoyage_services', help: 'Services in the registry.', type: 'gauge', read: () => [[{}, services.size]] },
    { name: 'envoyage_revision', help: 'Number of the newest revision.', type: 'gauge', read: () => [[{}, services.revision]] },
    ...fleetMetrics(now),
    ...deliveryMetrics(now),
    ...certificateMetrics(certificates),
    ...providerMetrics({ list: () => listed, overrides: () => providers.overrides() }),
    ...safetyMetrics(now),
    ...remoteMetrics({ agents, push }),
  ];
  for (const each of families) family(registry, each);
  addGuardMetrics(registry, guard);
  const requests = new Histogram({
    name: 'envoyage_http_request_seconds',
    help: 'API requests: how long they took, waiting for Envoys included.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  return {
    contentType: registry.contentType,
    text: async () => {
      scraped = numbers();
      listed = providers.list();
      // prom-client writes Nan for what has no value yet; the format has NaN.
      return (await registry.metrics()).replace(/ Nan$/gm, ' NaN');
    },
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
  };
}
