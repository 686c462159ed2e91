import { describe, expect, it } from 'vitest';
import { CONSTRAINT_CASES, type ConstraintCase } from '../support/constraint-cases.ts';
import { askedEnvoy } from '../support/envoy-verdict.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const { ask } = askedEnvoy(version);

  it.each(CONSTRAINT_CASES)('says the same of $title', async ({ type, resource, message, envoy: words = message }: ConstraintCase) => {
    const { code, output } = await ask({ staticResources: { [type.endsWith('Cluster') ? 'clusters' : 'listeners']: [resource] } });
    expect(code, output).toBe(1);
    expect(output).toContain(words);
  });
});
