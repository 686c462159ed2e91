import type { z } from 'zod';
import { parseOrThrow } from '../model/validation.ts';
import type { Socket } from './events/socket.ts';

/** What a handler is given: everything checked, nothing of the HTTP library. */
export interface Request<Query> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** Parsed JSON, or a RawBody where the route asks for it; undefined where it takes none. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly lastEventId: string | undefined;
  readonly author: string;
  /** The IP address that it came from. */
  readonly peer: string;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
}

/** A body as it came, for those who read more than JSON. */
export interface RawBody {
  readonly format: 'json' | 'yaml';
  readonly text: string;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; a string or a stream is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation: what it does, and what the OpenAPI document says about it. */
export interface Route<Query = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/api/v1/services/{id}`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly query: z.ZodType<Query>;
  /** What it takes as its body, and the content types of it. */
  readonly body?: {
    readonly schema: z.ZodType;
    readonly types: readonly string[];
    /** The largest that is read, where that is less than what holds for all. */
    readonly mostBytes?: number;
    /** The handler is given a RawBody. */
    readonly isRaw?: boolean;
  };
  /** By status; problems are added to all of them. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }>>;
  /** Statuses of the problems it may answer with. */
  readonly problems: readonly number[];
  handle(request: Request<Query>): Reply | Promise<Reply>;
  /** Takes over a request that asks for a WebSocket. @throws EnvoyageError which ends it */
  socket?(request: Request<Query>, socket: Socket): void;
}

/** Keeps the type of the query together with its schema. */
export function route<Query>(definition: Route<Query>): Route {
  return definition as Route;
}

export function parseQuery<Query>(route: Route<Query>, query: unknown): Query {
  const shape = (route.query as { shape?: Record<string, unknown> }).shape ?? {};
  return parseOrThrow(route.query, query, Object.keys(shape), 'query parameter');
}
