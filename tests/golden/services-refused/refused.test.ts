import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { EnvoyageError } from '../../../src/lib/errors.ts';
import { SERVICE_FIELDS, serviceSchema } from '../../../src/model/service.ts';
import { parseOrThrow } from '../../../src/model/validation.ts';
import { refused } from '../../support/refusal.ts';

const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const faultsOf = (input: unknown): EnvoyageError['errors'] => refused(() => parseOrThrow(serviceSchema, input, SERVICE_FIELDS))?.errors ?? [];

/** A service that is wrong in (in.yaml), what is wrong with it out (error.yaml); `make golden` writes the latter anew. */
describe('a service', () => {
  it.each(cases)('is refused: %s', async (name) => {
    const faults = faultsOf(parse(readFileSync(join(import.meta.dirname, name, 'in.yaml'), 'utf8')));
    expect(faults).not.toEqual([]);
    await expect(stringify(faults, { lineWidth: 0 })).toMatchFileSnapshot(join(import.meta.dirname, name, 'error.yaml'));
  });
});
