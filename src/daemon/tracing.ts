import type { Options } from '../config/options.ts';
import type { Logger } from '../lib/logger.ts';
import { NO_TRACER } from '../lib/tracer.ts';
import { VERSION } from '../lib/version.ts';
import type { Tracing } from '../telemetry/otlp.ts';

/** Traces where the options ask for them. What makes them is loaded only then, so that nobody else waits for it at start. */
export async function openTracing({ otlpEndpoint, otlpSampleRatio }: Options, logger: Logger): Promise<Tracing> {
  if (otlpEndpoint === undefined) return { tracer: NO_TRACER, close: async () => {} };
  const { startTracing } = await import('../telemetry/otlp.ts');
  return startTracing({
    endpoint: otlpEndpoint,
    ratio: otlpSampleRatio,
    version: VERSION,
    onFailure: (thrown) => logger.warn({ err: thrown, endpoint: otlpEndpoint }, 'traces cannot be delivered; those that wait too long are dropped'),
    onRecovery: () => logger.info({ endpoint: otlpEndpoint }, 'traces are delivered again'),
  });
}
