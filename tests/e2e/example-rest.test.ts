import { beforeAll, expect, it } from 'vitest';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';
import { runReadme } from '../support/readme.ts';

beforeAll(() => testEnvoy('1.40.0'), ENVOY_INSTALL_TIMEOUT_MS);

it('the example of a URL that is polled does what its README says', { timeout: 300_000 }, async () => {
  expect(await runReadme('rest', ['backends.json', 'next.json'])).toBeGreaterThan(10);
});
