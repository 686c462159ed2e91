import { z } from 'zod';
import { durationSchema } from './duration-schema.ts';
import { saidUnlessUsual, wholeNumber } from './words.ts';

/** Every Envoy watches what its requests come to, and leaves endpoints alone for a while on which they fail. */
export interface Outlier {
  /** Failures in a row, of the endpoint or on the way to it; 5 unless given, 0 for no matter how many. */
  readonly consecutive5xx?: number;
  /** Those of the kind 502, 503 and 504 in a row; 0, for no matter how many, unless given. */
  readonly consecutiveGatewayFailures?: number;
  /** How often it is looked at who may come back; 10s unless given. */
  readonly interval?: string;
  /** For how long, times how often it has happened lately; 30s unless given. */
  readonly ejectionTime?: string;
  /** Percent of the endpoints that may be out at the same time; 50 unless given. */
  readonly maxEjected?: number;
}

export const OUTLIER_DEFAULTS = { consecutive5xx: 5, consecutiveGatewayFailures: 0, interval: '10s', ejectionTime: '30s', maxEjected: 50 } as const;

const failures = (what: string) => wholeNumber(what, 0, 1_000_000);

const outlierFields = {
  consecutive5xx: failures('consecutive5xx').optional().meta({ description: 'Failures in a row; 5 unless given, 0 for no matter how many.' }),
  consecutiveGatewayFailures: failures('consecutiveGatewayFailures').optional().meta({ description: '502, 503 and 504 in a row.' }),
  interval: durationSchema('the interval', { least: 100 }).optional(),
  ejectionTime: durationSchema('the ejectionTime').optional().meta({ description: 'For how long an endpoint is left alone at first; 30s unless given.' }),
  maxEjected: wholeNumber('maxEjected', 1, 100, ', percent')
    .optional()
    .meta({ description: 'Percent of the endpoints that may be out at the same time; 50 unless given.' }),
};

export const OUTLIER_FIELDS: readonly string[] = Object.keys(outlierFields);

export const outlierSchema = z
  .strictObject(outlierFields, {
    error: (issue) => (issue.code === 'invalid_type' ? 'outlier must be an object, as in {"consecutive5xx":5}, or {}' : undefined),
  })
  .transform((wanted, context): Outlier => {
    const { consecutive5xx = OUTLIER_DEFAULTS.consecutive5xx, consecutiveGatewayFailures = 0 } = wanted;
    if (consecutive5xx === 0 && consecutiveGatewayFailures === 0)
      context.addIssue({
        code: 'custom',
        path: [],
        message: 'outlier counts no failures: say consecutive5xx or consecutiveGatewayFailures, or leave outlier out',
      });
    return saidUnlessUsual<Outlier>(wanted, OUTLIER_DEFAULTS);
  });
