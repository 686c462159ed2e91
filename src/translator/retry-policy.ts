import type { Retries } from '../model/route.ts';
import type { JsonObject } from '../proto/json.ts';

/** Where the upstream cannot have seen the request, so that another attempt is safe for any method. */
const UNSEEN = ['connect-failure', 'refused-stream', 'reset-before-request'];

/**
 * Not the endpoint that has just failed, as long as there is another one: config.route.v3.RetryPolicy.retry_host_predicate. Routes that say
 * nothing of retries are many, and do without: it would make each of them half as long again, and round robin asks the next one anyway.
 */
const ELSEWHERE = {
  retryHostPredicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate' },
    },
  ],
  hostSelectionRetryMaxAttempts: '3',
};

/**
 * config.route.v3.RetryPolicy, as a field of its action; Envoy makes one attempt where there is none.
 * @param retries unless given, what cannot have reached the upstream is tried twice more
 */
export function retryPolicy(retries?: Retries): JsonObject {
  const { attempts, on = UNSEEN, statuses = [], perTryTimeout, backoff } = retries ?? { attempts: 2 };
  if (attempts === 0) return {};
  return {
    retryPolicy: {
      retryOn: [...on, ...(statuses.length === 0 ? [] : ['retriable-status-codes'])].join(','),
      numRetries: attempts,
      ...(retries === undefined ? {} : ELSEWHERE),
      ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
      ...(statuses.length === 0 ? {} : { retriableStatusCodes: statuses }),
      ...(backoff === undefined ? {} : { retryBackOff: { baseInterval: backoff.base, ...(backoff.max === undefined ? {} : { maxInterval: backoff.max }) } }),
    },
  };
}
