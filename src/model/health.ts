import { z } from 'zod';
import { durationSchema } from './duration-schema.ts';
import { parseHost } from './host.ts';
import { text } from './text-schema.ts';
import { type Parsed, said, saidUnlessUsual, wholeNumber } from './words.ts';

/** Every Envoy asks every endpoint now and then, and sends requests only where it is well. */
export type Health = Timing &
  (
    | {
        /** Asked for by GET. */
        readonly path: string;
        /** The Host header; the service's host unless given. */
        readonly host?: string;
        /** Answers that are well, numbers and ranges such as `200-399`; 200 unless given. */
        readonly statuses?: readonly (number | string)[];
      }
    /** `tcp`: it can be connected to. `grpc`: grpc.health.v1. */
    | { readonly type: 'tcp' | 'grpc' }
  );

interface Timing {
  /** 5s unless given. */
  readonly interval?: string;
  /** 2s unless given. */
  readonly timeout?: string;
  /** How many good answers in a row bring an endpoint back; 2 unless given. */
  readonly healthy?: number;
  /** How many bad ones take it out; 3 unless given. A wrong status does so at once. */
  readonly unhealthy?: number;
}

export const HEALTH_DEFAULTS = { interval: '5s', timeout: '2s', healthy: 2, unhealthy: 3 } as const;

const MOST_STATUSES = 64;

const statusSchema = z.union(
  [
    z.int({ error: 'a status must be a whole number' }).min(100, { error: 'a status must be 100 to 599' }).max(599, { error: 'a status must be 100 to 599' }),
    z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/, { error: 'a range of statuses must be two of them, as in "200-399"' }),
  ],
  { error: 'a status must be a number, or a range, as in "200-399"' },
);

/** First and last. */
export function statusRange(status: number | string): readonly [number, number] {
  const [first = 0, last = first] = typeof status === 'number' ? [status] : status.split('-').map(Number);
  return [first, last];
}

/** In their order, what overlaps or touches taken together. */
function merged(statuses: readonly (number | string)[]): (number | string)[] {
  const ranges: [number, number][] = [];
  for (const [first, last] of statuses.map(statusRange).toSorted(([a], [b]) => a - b)) {
    const before = ranges.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else ranges.push([first, last]);
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`));
}

const thresholds = (what: string) => wholeNumber(what, 1, 100);

const healthFields = {
  type: z.enum(['http', 'tcp', 'grpc'], { error: 'type must be http, tcp or grpc' }).optional().meta({ description: 'http where there is a path.' }),
  path: z
    .string({ error: 'path must be a string' })
    .regex(/^\/[!-~]{0,1023}$/, { error: 'path must begin with a slash, as in /healthz' })
    .optional()
    .meta({ description: 'Asked for by GET.', examples: ['/healthz'] }),
  host: text('the host', parseHost).optional().meta({ description: "The Host header; the service's host unless given." }),
  statuses: z
    .array(statusSchema, { error: 'statuses must be a list, as in [200, "300-399"]' })
    .min(1, { error: 'statuses must have at least one; leave it out for 200' })
    .max(MOST_STATUSES, { error: `statuses must be at most ${MOST_STATUSES}` })
    .optional()
    .meta({ description: 'Answers that are well; 200 unless given.' }),
  interval: durationSchema('the interval', { least: 100 }).optional(),
  timeout: durationSchema('the timeout').optional(),
  healthy: thresholds('healthy').optional().meta({ description: 'How many good answers in a row bring an endpoint back.' }),
  unhealthy: thresholds('unhealthy').optional().meta({ description: 'How many bad ones in a row take it out.' }),
};

export const HEALTH_FIELDS: readonly string[] = Object.keys(healthFields);

export const healthSchema = z
  .strictObject(healthFields, { error: (issue) => (issue.code === 'invalid_type' ? 'health must be an object, as in {"path":"/healthz"}' : undefined) })
  .transform(({ type: wanted, path, host, statuses, ...timing }, context): Health | undefined => {
    const refuse = (field: string, message: string): undefined => {
      context.addIssue({ code: 'custom', path: [field], message });
      return undefined;
    };
    const wrong = statuses?.findIndex((status) => statusRange(status)[0] > statusRange(status)[1]) ?? -1;
    if (wrong >= 0) return refuse('statuses', `the range ${JSON.stringify(statuses?.[wrong])} ends before it begins`);
    const type = wanted ?? (path === undefined ? undefined : 'http');
    const common = timingOf(timing);
    if (type === 'http') {
      if (path === undefined) return refuse('path', 'http checks need a path, as in /healthz');
      const wanted = statuses === undefined ? [200] : merged(statuses);
      return {
        path,
        ...said<{ host?: string; statuses?: readonly (number | string)[] }>({ host, statuses: wanted.length === 1 && wanted[0] === 200 ? undefined : wanted }),
        ...common,
      };
    }
    if (type === undefined) return refuse('path', 'health needs a path to ask for, as in /healthz, or a type, tcp or grpc');
    for (const [field, value] of Object.entries({ path, host, statuses }))
      if (value !== undefined) return refuse(field, `${field} is for http checks, not for ${type}`);
    return { type, ...common };
  });

function timingOf(wanted: Parsed<Timing>): Timing {
  return saidUnlessUsual<Timing>(wanted, HEALTH_DEFAULTS);
}
