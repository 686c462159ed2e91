import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formatTraceparent, parseTraceparent } from '../lib/traceparent.ts';
import type { Span, Tracer } from '../lib/tracer.ts';

/** What machines ask every few seconds makes no traces. */
const TRACED = /^\/api\//;

/**
 * A span for each API request that has a route, from its head to the end of its answer; a request with a `traceparent`
 * goes on in that trace. The answer says which it was, in `traceresponse`.
 * @returns does the work of a request as a part of its span
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer): <T>(request: FastifyRequest, work: () => T) => T {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url?.replace(/:(\w+)/g, '{$1}') ?? '';
    if (!TRACED.test(route)) return;
    const span = tracer.start(`${request.method} ${route}`, {
      parent: parseTraceparent(headerOf(request, 'traceparent')),
      kind: 'server',
      attributes: { 'http.request.method': request.method, 'http.route': route, 'url.path': request.url.split('?')[0] ?? '' },
    });
    if (span === undefined) return;
    spans.set(request, span);
    void reply.header('traceresponse', formatTraceparent(span.context));
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) span.fail('the client went away');
      else if (reply.statusCode >= 500) span.fail(`answered ${reply.statusCode}`);
      span.set({ 'http.response.status_code': reply.statusCode });
      span.end();
    });
  });
  return (request, work) => tracer.within(spans.get(request), work);
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? undefined : value;
}
