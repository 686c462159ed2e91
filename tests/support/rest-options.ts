import type { RestOptions } from '../../src/providers/rest/options.ts';

/** The defaults of the options, for providers that a test makes itself. */
export const REST_DEFAULTS: Omit<RestOptions, 'url'> = {
  name: 'rest',
  interval: 10,
  timeout: 10,
  maxBytes: 16 * 1024 * 1024,
  maxShrink: 0.5,
  followRedirects: false,
};
