import { z } from 'zod';
import { durationSchema } from './duration-schema.ts';
import { orNothing, saidUnlessUsual, wholeNumber } from './words.ts';

/** Of connections to the endpoints. */
export interface Timeouts {
  /** How long one may take to come about; 5s unless given. */
  readonly connect?: string;
  /** How long one may stand without requests; an hour unless given, 0s for ever. */
  readonly idle?: string;
}

export const TIMEOUT_DEFAULTS = { connect: '5s', idle: '3600s' } as const;

/** How much of each there may be at a time, from each Envoy; Envoy answers 503 beyond. */
export interface Limits {
  /** 1024 unless given. Those of HTTP/1; one for HTTP/2 takes many requests. */
  readonly connections?: number;
  /** That wait for a connection; 1024 unless given. */
  readonly pendingRequests?: number;
  /** Under way; 1024 unless given. */
  readonly requests?: number;
  /** 3 unless given. */
  readonly retries?: number;
}

/** Envoy's own (config.cluster.v3.CircuitBreakers.Thresholds). */
export const LIMIT_DEFAULTS = { connections: 1024, pendingRequests: 1024, requests: 1024, retries: 3 } as const;

const MOST = 4_294_967_295;

const timeoutFields = {
  connect: durationSchema('the connect timeout').optional().meta({ description: 'How long a connection may take to come about; 5s unless given.' }),
  idle: durationSchema('the idle timeout', { least: 0 })
    .optional()
    .meta({ description: 'How long one may stand without requests; 1h unless given, 0 for ever.' }),
};

export const TIMEOUT_FIELDS: readonly string[] = Object.keys(timeoutFields);

/** Undefined where it says nothing but what holds anyway. */
export const timeoutsSchema = z
  .strictObject(timeoutFields, { error: (issue) => (issue.code === 'invalid_type' ? 'timeouts must be an object, as in {"connect":"1s"}' : undefined) })
  .transform((wanted): Timeouts | undefined => orNothing(saidUnlessUsual<Timeouts>(wanted, TIMEOUT_DEFAULTS)));

const limitFields = {
  connections: wholeNumber('connections', 1, MOST).optional(),
  pendingRequests: wholeNumber('pendingRequests', 1, MOST).optional().meta({ description: 'That wait for a connection.' }),
  requests: wholeNumber('requests', 1, MOST).optional().meta({ description: 'Under way at a time, from each Envoy.' }),
  retries: wholeNumber('retries', 0, MOST).optional(),
};

export const LIMIT_FIELDS: readonly string[] = Object.keys(limitFields);

/** Undefined where it says nothing but what holds anyway. */
export const limitsSchema = z
  .strictObject(limitFields, { error: (issue) => (issue.code === 'invalid_type' ? 'limits must be an object, as in {"connections":100}' : undefined) })
  .transform((wanted): Limits | undefined => orNothing(saidUnlessUsual<Limits>(wanted, LIMIT_DEFAULTS)));
