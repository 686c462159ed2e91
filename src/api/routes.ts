import { agentRoutes } from './agents/routes.ts';
import { backupRoutes } from './backup.ts';
import { certificateRoutes } from './certificates.ts';
import { dumpRoutes } from './dump.ts';
import { eventRoutes } from './events/route.ts';
import { explainRoutes } from './explain.ts';
import { fleetRoutes } from './fleet.ts';
import { nodeRoutes } from './groups.ts';
import { healthRoutes } from './health.ts';
import type { Metrics } from './metrics.ts';
import { objectRoutes } from './objects/routes.ts';
import { openapi } from './openapi.ts';
import { overrideRoutes } from './overrides.ts';
import type { ApiPorts } from './ports.ts';
import { providerRoutes } from './providers.ts';
import { pushRoutes } from './push/routes.ts';
import { quarantineRoutes } from './quarantine.ts';
import { type Route, route } from './route.ts';
import { answers, noQuery } from './schemas.ts';
import { serviceRoutes } from './services.ts';
import { vocabularyRoutes } from './vocabulary.ts';
import { createWrite } from './write.ts';

/** All operations, for the server and for the OpenAPI document. */
export function apiRoutes(ports: ApiPorts, metrics: Metrics): Route[] {
  const write = createWrite(ports);
  const routes: Route[] = [
    ...serviceRoutes(ports, write),
    ...objectRoutes(ports, write),
    ...vocabularyRoutes(),
    ...nodeRoutes(ports),
    ...quarantineRoutes(ports),
    ...certificateRoutes(ports),
    ...providerRoutes(ports),
    ...overrideRoutes(ports),
    ...fleetRoutes(ports),
    ...agentRoutes(ports.agents),
    ...pushRoutes(ports.push, ports.rollout),
    ...dumpRoutes(ports),
    ...explainRoutes(ports),
    ...eventRoutes(ports.events),
    ...backupRoutes(ports),
    ...healthRoutes(ports, metrics),
  ];
  routes.push(
    route({
      method: 'GET',
      path: '/openapi.json',
      operation: 'openapi',
      summary: 'This document.',
      query: noQuery,
      answers: { 200: { description: 'The OpenAPI document.', schema: answers.openapi } },
      problems: [],
      handle: () => ({ status: 200, body: openapi(routes, ports.info().version) }),
    }),
  );
  return routes;
}
