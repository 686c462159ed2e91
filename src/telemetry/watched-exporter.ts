import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** Who is told how the delivery goes: at the first failure, and when it works again. */
export interface Delivery {
  onFailure(thrown: unknown): void;
  onRecovery(): void;
}

/** An exporter that tells how it fares, once for each change: a receiver that is away for a day is one line in the log. */
export function watched(exporter: SpanExporter, { onFailure, onRecovery }: Delivery): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        // ExportResultCode.SUCCESS is 0.
        const failed = result.code !== 0;
        if (failed && !failing) onFailure(result.error ?? new Error('the receiver refused them'));
        if (!failed && failing) onRecovery();
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
