import { describe, expect, it } from 'vitest';
import { askedEnvoy } from '../support/envoy-verdict.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { resourcesOf } from '../support/resources.ts';
import { routeCases, routeObjects, routeTables } from '../support/route-cases.ts';
import { staticBootstrap } from '../support/static-bootstrap.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const { validate } = askedEnvoy(version);

  it.each(routeCases(false))('accepts the routes of "%s"', async (name) => {
    expect(await validate(staticBootstrap({ ...resourcesOf(routeObjects(name)), routes: routeTables(name) }))).toEqual({ code: 0, warnings: [] });
  });
});
