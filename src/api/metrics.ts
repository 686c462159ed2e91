import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { addGuardMetrics } from './guard-metrics.ts';
import type { ApiPorts } from './ports.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One request answered; `route` is its pattern, never what the client wrote. */
  request(method: string, route: string, status: number, seconds: number): void;
}

/** Read when they are scraped, from where the numbers are kept anyway. */
export function createMetrics({ services, rollout, guard, info }: ApiPorts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'envoyage_info', help: 'Always 1; the version is a label.', labelNames: ['version'], registers }).set({ version: info().version }, 1);
  gauge('envoyage_services', 'Services in the registry.', () => services.size);
  gauge('envoyage_revision', 'Number of the newest revision.', () => services.revision);
  gauge('envoyage_xds_streams', 'Discovery streams that are open.', () => rollout.stats().streams);
  new Gauge({
    name: 'envoyage_nodes',
    help: 'Envoys by group and state.',
    labelNames: ['group', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { group, state } of rollout.nodes()) this.inc({ group, state });
    },
  });
  new Counter({
    name: 'envoyage_xds_responses_total',
    help: 'Discovery responses by type (cds, eds, …) and what became of them (sent, acked, rejected).',
    labelNames: ['type', 'result'],
    registers,
    collect() {
      this.reset();
      for (const [type, counts] of Object.entries(rollout.stats().types)) {
        for (const result of ['sent', 'acked', 'rejected'] as const) this.inc({ type, result }, counts[result]);
      }
    },
  });
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
    // prom-client writes Nan for what has no value yet; the format has NaN.
    text: async () => (await registry.metrics()).replace(/ Nan$/gm, ' NaN'),
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
  };

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}
