import { AsyncLocalStorage } from 'node:async_hooks';
import { type SpanContext as OtelContext, type Tracer as OtelTracer, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Span, SpanContext, SpanOptions, Tracer } from '../lib/tracer.ts';
import { type Delivery, watched } from './watched-exporter.ts';

export interface TracingOptions extends Delivery {
  /** An OTLP/HTTP receiver, as in http://127.0.0.1:4318; `/v1/traces` is added unless it is there. */
  readonly endpoint: string;
  /** The part of the traces that is kept, 0 to 1; a request that is part of a trace elsewhere is kept where that is. */
  readonly ratio: number;
  readonly version: string;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Delivers what is there, for {@link CLOSE_MS} at most. */
  close(): Promise<void>;
}

/** Spans wait as long for others to go with, milliseconds. */
const BATCH_MS = 1000;
/** One delivery takes as long at most. */
const DELIVERY_MS = 5000;
/** A receiver that does not answer must not hold up the end of the daemon. */
const CLOSE_MS = 2000;
/** Spans that wait; beyond that they are dropped, so that a receiver that is away costs a bounded amount. */
const MOST_WAITING = 4096;

/** Starts to deliver traces by OTLP over HTTP. Never fails: a receiver that is not there is reported when something was to be delivered. */
export function startTracing({ endpoint, ratio, version, ...delivery }: TracingOptions): Tracing {
  const url = /\/v1\/traces\/?$/.test(endpoint) ? endpoint : `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = watched(new OTLPTraceExporter({ url, timeoutMillis: DELIVERY_MS }), delivery);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'envoyage', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_MS, exportTimeoutMillis: DELIVERY_MS, maxQueueSize: MOST_WAITING })],
  });
  return { tracer: tracerOver(provider.getTracer('envoyage', version)), close: () => withinTime(provider.shutdown(), CLOSE_MS) };
}

function tracerOver(otel: OtelTracer): Tracer {
  const storage = new AsyncLocalStorage<SpanContext>();
  return {
    start(name, { parent = storage.getStore(), links = [], attributes = {}, kind = 'internal', startedAt }: SpanOptions = {}) {
      const span = otel.startSpan(
        name,
        {
          kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
          attributes,
          links: links.map((context) => ({ context: toOtel(context) })),
          ...(startedAt === undefined ? {} : { startTime: wallTime(startedAt) }),
        },
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, toOtel(parent)),
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        context: { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
        set: (more) => void span.setAttributes(more),
        event: (event, about) => void span.addEvent(event, about),
        fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
        end: () => span.end(),
      } satisfies Span;
    },
    within: (span, work) => (span === undefined ? work() : storage.run(span.context, work)),
    current: () => storage.getStore(),
  };
}

function toOtel({ traceId, spanId, sampled }: SpanContext): OtelContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

/** The monotonic clock runs away from the wall clock over weeks, so the distance from now is what counts. */
function wallTime(monotonic: number): number {
  return Date.now() - (performance.now() - monotonic);
}

async function withinTime(work: Promise<void>, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}
