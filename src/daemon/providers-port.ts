import type { ProvidersPort } from '../api/ports.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { ProviderStatus } from '../model/provider-status.ts';
import type { Aggregator } from '../providers/aggregator.ts';
import type { OverrideTable } from '../registry/registry.ts';
import type { Events } from './events.ts';

/** As long may it take at most until what an override concerns was looked at, milliseconds; the aggregator takes a second for what comes in bursts. */
const LOOKED_MS = 5000;

/** Providers and overrides as the API asks for them: what is to outlive the daemon goes to the registry first, then the aggregator is told. */
export function providersPort(aggregator: Aggregator, overrides: OverrideTable, logger: Logger, tell: Events['onOverride']): ProvidersPort {
  return {
    list: () => aggregator.list(),
    get: (name) => found(aggregator, name),
    pause: (name, author) => {
      aggregator.pause(name, author);
      logger.info({ provider: name, author }, 'a provider is paused');
    },
    resume: async (name, author) => {
      const taken = aggregator.resume(name);
      logger.info({ provider: name, author }, 'a provider goes on');
      await within(taken, LOOKED_MS);
    },
    resync: async (name, author, wait) => {
      const synced = aggregator.resync(name);
      logger.info({ provider: name, author }, 'a provider reads its source anew');
      return wait === undefined ? false : ((await within(synced, wait.timeout, wait.signal)) ?? false);
    },
    overrides: () => overrides.list(),
    override: async (override) => {
      overrides.put(override);
      const { by: author, at: _, ...said } = override;
      logger.info({ ...said, author }, 'an override is laid');
      tell({ what: 'laid', by: author, override });
      await within(aggregator.overridesChanged(), LOOKED_MS);
    },
    clearOverrides: async (cleared, author) => {
      for (const override of cleared) {
        const { service, endpoint } = override;
        if (!overrides.delete(service, endpoint)) continue;
        logger.info({ service, endpoint, author }, 'an override is taken away');
        tell({ what: 'cleared', by: author, override });
      }
      await within(aggregator.overridesChanged(), LOOKED_MS);
    },
  };
}

/** With all its problems. */
function found(aggregator: Aggregator, name: string): ProviderStatus | undefined {
  try {
    return aggregator.get(name, Number.POSITIVE_INFINITY);
  } catch (thrown) {
    if (thrown instanceof EnvoyageError && thrown.code === 'provider-not-found') return undefined;
    throw thrown;
  }
}

/** What it resolves with, undefined where that takes longer, or nobody waits any more. */
function within<T>(promise: Promise<T>, timeout: number, signal?: AbortSignal): Promise<T | undefined> {
  const { promise: first, resolve, reject } = Promise.withResolvers<T | undefined>();
  const give = (): void => resolve(undefined);
  const timer = setTimeout(give, timeout);
  signal?.addEventListener('abort', give, { once: true });
  promise.then(resolve, reject);
  return first.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', give);
  });
}
