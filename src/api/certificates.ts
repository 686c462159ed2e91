import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

/** /api/v1/certificates: what Envoys prove themselves with to clients, and until when. */
export function certificateRoutes({ certificates, services }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/certificates',
      operation: 'listCertificates',
      summary: 'Every certificate as it is served: its names, its end, and what is the matter with it. Keys are never shown.',
      query: noQuery,
      answers: { 200: { description: 'The certificates by name.', schema: answers.certificateList } },
      problems: [],
      handle: () => ({ status: 200, body: { certificates: certificates.list(), revision: services.revision } }),
    }),
  ];
}
