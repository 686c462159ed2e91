import type { ProvidersPort } from './ports.ts';

/** Of a daemon without providers. */
export const NO_PROVIDERS: ProvidersPort = {
  list: () => [],
  get: () => undefined,
  pause: () => undefined,
  resume: () => Promise.resolve(),
  resync: () => Promise.resolve(false),
  overrides: () => [],
  override: () => Promise.resolve(),
  clearOverrides: () => Promise.resolve(),
};
