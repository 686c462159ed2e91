import { z } from 'zod';
import { didYouMean } from '../lib/nearest.ts';
import { durationMs } from './duration.ts';
import { durationSchema } from './duration-schema.ts';
import { asSet, given, oneOrMore, whole } from './forms.ts';
import type { Retries } from './route.ts';
import { text } from './text-schema.ts';

export const RETRY_LIMITS = { attempts: 100, statuses: 64 } as const;

/** Envoy, "x-envoy-retry-on" and "x-envoy-retry-grpc-on"; Envoy itself passes over what it does not know. */
export const RETRY_WORDS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

const retryWord = text('the reason to retry', (word) => {
  if (!RETRY_WORDS.includes(word)) throw new Error(`is none that Envoy knows${didYouMean(word, RETRY_WORDS)}`);
  return word;
});

const attempts = whole('attempts', 0, RETRY_LIMITS.attempts);

export const retriesSchema = z.union(
  [
    attempts.transform((count): Retries => ({ attempts: count })),
    z
      .strictObject({
        attempts,
        on: oneOrMore(retryWord, 'on', '["5xx", "reset"]', RETRY_WORDS.length).transform(asSet).optional(),
        statuses: oneOrMore(whole('a status', 100, 599), 'statuses', '[503]', RETRY_LIMITS.statuses)
          .transform(asSet)
          .optional(),
        perTryTimeout: durationSchema('perTryTimeout').optional(),
        backoff: z
          .strictObject({ base: durationSchema('base'), max: durationSchema('max').optional() })
          .refine(({ base, max }) => max === undefined || durationMs(max) >= durationMs(base), { error: 'max must not be shorter than base' })
          .optional(),
      })
      .transform(({ attempts: count, on, statuses, perTryTimeout, backoff }): Retries => {
        if (count === 0) return { attempts: 0 };
        const times = backoff === undefined ? undefined : { base: backoff.base, ...given('max', backoff.max) };
        return { attempts: count, ...given('on', on), ...given('statuses', statuses), ...given('perTryTimeout', perTryTimeout), ...given('backoff', times) };
      }),
  ],
  { error: 'retries must be a number of attempts, as in 3, or an object, as in {"attempts": 3, "on": ["5xx"]}' },
);
