import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { EnvoyageError } from '../../../src/lib/errors.ts';
import { resourcesOf } from '../../support/resources.ts';
import { ROUTES_FOLDER, routeCases, routeObjects } from '../../support/route-cases.ts';

const yaml = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false, lineWidth: 160 });

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('routes', () => {
  it('have cases', () => {
    expect([routeCases(false).length, routeCases(true).length].every((count) => count > 25)).toBe(true);
  });

  it.each(routeCases(false))('become of %s what is in the golden file, whatever their order', async (name) => {
    const objects = routeObjects(name);
    const { routes } = resourcesOf(objects);
    await expect(yaml(routes)).toMatchFileSnapshot(join(ROUTES_FOLDER, name, 'out.yaml'));
    expect(resourcesOf(objects.toReversed()).routes).toEqual(routes);
  });

  it.each(routeCases(true))('are refused in %s with what is in the golden file', async (name) => {
    const errors = (() => {
      try {
        return routeObjects(name);
      } catch (thrown) {
        return EnvoyageError.from(thrown).errors;
      }
    })();
    await expect(yaml(errors)).toMatchFileSnapshot(join(ROUTES_FOLDER, name, 'error.yaml'));
  });
});
