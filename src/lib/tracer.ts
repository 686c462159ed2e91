/**
 * Traces as the rest of the program sees them: a small port, so that only the one file that implements it knows
 * OpenTelemetry, and nothing is loaded or done where nobody wants traces.
 */

/** Where a span stands, as W3C Trace Context has it: lower-case hexadecimal, 32 and 16 digits. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  readonly context: SpanContext;
  set(attributes: Attributes): void;
  event(name: string, attributes?: Attributes): void;
  /** What it stands for did not succeed. */
  fail(message: string): void;
  /** Once; what is said after it is lost. */
  end(): void;
}

export interface SpanOptions {
  /** Unless given, the span that the work is done {@link Tracer.within}, or none. */
  readonly parent?: SpanContext | undefined;
  /** Others that led to it. */
  readonly links?: readonly SpanContext[];
  readonly attributes?: Attributes;
  /** `server` for what somebody else asked for. */
  readonly kind?: 'server' | 'internal';
  /** Monotonic milliseconds (`performance.now()`); now unless given. */
  readonly startedAt?: number;
}

export interface Tracer {
  /** Undefined where nobody wants traces. Spans that are not sampled are there, since what they lead to is not sampled either. */
  start(name: string, options?: SpanOptions): Span | undefined;
  /** Does the work as a part of the span, what it does later included. */
  within<T>(span: Span | undefined, work: () => T): T;
  /** The span that is being worked on. */
  current(): SpanContext | undefined;
}

/** Off. */
export const NO_TRACER: Tracer = {
  start: () => undefined,
  within: (_span, work) => work(),
  current: () => undefined,
};

/** Does the work within a span of its own, which ends with it. What the work throws marks the span. */
export function traced<T>(tracer: Tracer, name: string, work: (span: Span | undefined) => T): T {
  const span = tracer.start(name);
  try {
    return tracer.within(span, () => work(span));
  } catch (thrown) {
    span?.fail(thrown instanceof Error ? thrown.message : String(thrown));
    throw thrown;
  } finally {
    span?.end();
  }
}
