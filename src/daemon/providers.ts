import type { Options } from '../config/options.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import type { Agents } from '../providers/agents/agents.ts';
import { Aggregator } from '../providers/aggregator.ts';
import type { Provider } from '../providers/provider.ts';
import type { Pushes } from '../providers/push/pushes.ts';
import type { Registry } from '../registry/registry.ts';
import { checkWish } from './checked-commits.ts';
import { dockerProviders } from './docker.ts';
import type { Events } from './events.ts';
import { loadProviderModule } from './provider-modules.ts';
import { sourceProviders } from './source-providers.ts';

/** What others send. */
export interface Remote {
  readonly agents: Agents | undefined;
  readonly pushes: Pushes;
}

/**
 * The providers that the options ask for.
 * @throws EnvoyageError invalid-config
 */
export function providersOf(options: Options, registry: Registry, { agents, pushes }: Remote, logger: Logger): Provider[] {
  const providers: Provider[] = [
    ...dockerProviders(options, agents, registry, logger),
    ...sourceProviders(options, registry),
    ...options.providerModules.map(loadProviderModule),
    ...pushes.providers(),
  ];
  const twice = providers.find(({ name }, i) => providers.findIndex((other) => other.name === name) < i);
  if (twice !== undefined)
    throw new EnvoyageError('invalid-config', `there are two providers called "${twice.name}"`, { hint: 'give one of the provider modules another name' });
  return providers;
}

/** All providers, not started yet. @param events told when one stands otherwise than before, and of overrides that end */
export function openProviders(
  options: Options,
  registry: Registry,
  remote: Remote,
  api: EnvoyApi,
  logger: Logger,
  events: Pick<Events, 'onProvider' | 'onOverride'>,
): Aggregator {
  const providers = providersOf(options, registry, remote, logger);
  for (const wrong of strangers(options.providerPriority, providers)) logger.warn(wrong);
  return new Aggregator({
    objects: registry,
    providers,
    priority: options.providerPriority,
    check: (wish) => checkWish(wish, api),
    onState: (status) => {
      const { name, state, message, problemCount } = status;
      logger[state === 'ok' || state === 'starting' || state === 'paused' ? 'info' : 'warn'](
        { provider: name, state, message, problems: problemCount },
        'provider',
      );
      events.onProvider(status);
    },
    onEnded: (override) => {
      logger.info(override, 'an override has ended');
      events.onOverride({ what: 'ended', override });
    },
    onFault: (provider, thrown) => logger.error({ provider, err: thrown }, 'what a provider declares could not be stored, and is tried again'),
  });
}

/** Names of the precedence that no provider has; pushes come and go. */
export function strangers(priority: readonly string[], providers: readonly Pick<Provider, 'name'>[]): string[] {
  const known = providers.map(({ name }) => name);
  return priority
    .filter((name) => !known.includes(name) && !name.startsWith('push-'))
    .map((name) => `provider-priority names "${name}", which is no provider of this daemon${didYouMean(name, known)}`);
}
