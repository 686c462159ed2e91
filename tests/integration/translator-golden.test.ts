import { describe, expect, it } from 'vitest';
import { askedEnvoy } from '../support/envoy-verdict.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { staticBootstrap } from '../support/static-bootstrap.ts';
import { FLAVOURS, goldenCases, goldenOutput } from '../support/translation.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const { validate } = askedEnvoy(version);

  it.each(goldenCases().flatMap((name) => FLAVOURS.map((flavour) => [name, flavour] as const)))('accepts the resources of "%s" (%s)', async (name, flavour) => {
    expect(await validate(staticBootstrap(goldenOutput(name)[flavour]))).toEqual({ code: 0, warnings: [] });
  });

  it('would refuse what is wrong', async () => {
    const { listeners, routes, endpoints } = goldenOutput('name').ads;
    const dangling = await validate(staticBootstrap({ listeners, routes, endpoints, clusters: [] }));
    expect(dangling).toMatchObject({ code: 1, warnings: [expect.stringContaining("unknown cluster 'web.example.com'")] });
  });
});
