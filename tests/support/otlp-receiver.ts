import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { waitFor } from './wait.ts';

type AnyValue = { readonly stringValue?: string; readonly boolValue?: boolean; readonly intValue?: number | string; readonly doubleValue?: number };
interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** opentelemetry/proto/trace/v1/trace.proto, in its JSON form, as far as the tests look. */
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly timeUnixNano: string; readonly attributes?: readonly KeyValue[] }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly WireSpan[] }[];
  }[];
}

export type Values = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly isServer: boolean;
  /** Nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Values;
  readonly events: readonly { readonly name: string; readonly at: bigint; readonly attributes: Values }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** What went wrong; undefined where nothing did. */
  readonly fault: string | undefined;
  readonly resource: Values;
}

/** A receiver of traces, over real HTTP (OTLP/HTTP with JSON, opentelemetry.io/docs/specs/otlp). */
export class OtlpReceiver {
  readonly #server: Server;
  readonly spans: ReceivedSpan[] = [];
  readonly paths: string[] = [];
  /** The header `authorization` of each request. */
  readonly authorizations: (string | undefined)[] = [];
  /** What it answers with. */
  status = 200;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request).then(
        () => response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}'),
        (thrown: unknown) => response.writeHead(400).end(String(thrown)),
      );
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The span of this name that fits, as soon as it is there. */
  async span(name: string, fits: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> {
    return waitFor(`the span ${name}`, () => this.named(name).find(fits));
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    this.paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    this.authorizations.push(request.headers.authorization);
    if (this.status !== 200) return;
    for (const { resource, scopeSpans } of (JSON.parse(text) as Request).resourceSpans) {
      for (const { spans } of scopeSpans) for (const span of spans) this.spans.push(readSpan(span, valuesOf(resource.attributes)));
    }
  }
}

function readSpan(span: WireSpan, resource: Values): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes, events = [], links = [], status } = span;
  if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) throw new Error(`the ids of ${name} are not in hexadecimal`);
  return {
    traceId,
    spanId,
    parent: parentSpanId === undefined || parentSpanId === '' ? undefined : parentSpanId,
    name,
    isServer: kind === 2,
    start: BigInt(startTimeUnixNano),
    end: BigInt(endTimeUnixNano),
    attributes: valuesOf(attributes),
    events: events.map((event) => ({ name: event.name, at: BigInt(event.timeUnixNano), attributes: valuesOf(event.attributes) })),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    fault: status?.code === 2 ? (status.message ?? '') : undefined,
    resource,
  };
}

function valuesOf(attributes: readonly KeyValue[] = []): Values {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  );
}
