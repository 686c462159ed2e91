import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AUDIENCES, GOLDEN_FOLDER, goldenCases, goldenInput, translated } from '../../support/translation.ts';

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('the translator', () => {
  it('has cases', () => {
    expect(goldenCases().length).toBeGreaterThan(8);
  });

  it.each(goldenCases())('makes of %s what is in the golden file', async (name) => {
    const input = goldenInput(name);
    const resources = Object.fromEntries(AUDIENCES.map((audience) => [audience, translated(input, audience)]));
    await expect(stringify(resources, { aliasDuplicateObjects: false, lineWidth: 160 })).toMatchFileSnapshot(join(GOLDEN_FOLDER, name, 'out.yaml'));
  });

  it.each(goldenCases())('makes the same of %s whatever the order of its services', (name) => {
    const input = goldenInput(name);
    for (const audience of AUDIENCES) expect(translated({ ...input, services: input.services.toReversed() }, audience)).toEqual(translated(input, audience));
  });
});
