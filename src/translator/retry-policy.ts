import type { Retries } from '../model/route.ts';
import type { JsonObject } from '../proto/json.ts';

/** Where the upstream cannot have seen the request, so that another attempt is safe for any method. */
const UNSEEN = ['connect-failure', 'refused-stream', 'reset-before-request'];

/** config.route.v3.RetryPolicy, as a field of its action; Envoy makes one attempt where there is none. */
export function retryPolicy({ attempts, on = UNSEEN, statuses = [], perTryTimeout, backoff }: Retries = { attempts: 2 }): JsonObject {
  if (attempts === 0) return {};
  return {
    retryPolicy: {
      retryOn: [...on, ...(statuses.length === 0 ? [] : ['retriable-status-codes'])].join(','),
      numRetries: attempts,
      ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
      ...(statuses.length === 0 ? {} : { retriableStatusCodes: statuses }),
      ...(backoff === undefined ? {} : { retryBackOff: { baseInterval: backoff.base, ...(backoff.max === undefined ? {} : { maxInterval: backoff.max }) } }),
    },
  };
}
