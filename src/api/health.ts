import type { Metrics } from './metrics.ts';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

/** What machines ask: health, readiness, statistics, metrics. */
export function healthRoutes({ rollout, readiness }: ApiPorts, metrics: Metrics): Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      operation: 'health',
      summary: 'Answers while the process lives.',
      query: noQuery,
      answers: { 200: { description: 'It lives.', schema: answers.health } },
      problems: [],
      handle: () => ({ status: 200, body: { status: 'healthy', service: 'envoyage' } }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      operation: 'ready',
      summary: 'Whether Envoys can be served.',
      query: noQuery,
      answers: {
        200: { description: 'They can.', schema: answers.ready },
        503: { description: 'They cannot, and which check says so.', schema: answers.ready },
      },
      problems: [],
      handle: () => {
        const checks = readiness();
        const ready = Object.values(checks).every((ok) => ok);
        return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'not-ready', checks } };
      },
    }),
    route({
      method: 'GET',
      path: '/xds/stats',
      operation: 'xdsStats',
      summary: 'What was sent to Envoys and how they answered, by type.',
      query: noQuery,
      answers: { 200: { description: 'The counts since the start of the daemon.', schema: answers.stats } },
      problems: [],
      handle: () => ({ status: 200, body: rollout.stats() }),
    }),
    route({
      method: 'GET',
      path: '/metrics',
      operation: 'metrics',
      summary: 'Metrics in the text format of Prometheus.',
      query: noQuery,
      answers: { 200: { description: 'The metrics.', type: 'text/plain' } },
      problems: [],
      handle: async () => ({ status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() }),
    }),
  ];
}
