import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { EnvoyageError } from '../../../src/lib/errors.ts';
import { flavoursOf, LISTENERS_FOLDER, listenerCases, listenerInput, translatedListener } from '../../support/listeners.ts';

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('listeners', () => {
  it('have cases', () => {
    expect(listenerCases('good').length).toBeGreaterThan(8);
    expect(listenerCases('bad').length).toBeGreaterThan(5);
  });

  it.each(listenerCases('good'))('become of %s what is in the golden file', async (name) => {
    const input = listenerInput(name);
    const made = Object.fromEntries(flavoursOf(input).map((flavour) => [flavour, translatedListener(input, flavour)]));
    await expect(stringify(made, { aliasDuplicateObjects: false, lineWidth: 160 })).toMatchFileSnapshot(join(LISTENERS_FOLDER, name, 'out.yaml'));
  });

  it.each(listenerCases('bad'))('are refused: %s', async (name) => {
    let errors: unknown;
    try {
      translatedListener(listenerInput(name), 'ads');
    } catch (thrown) {
      errors = thrown instanceof EnvoyageError ? thrown.errors : thrown;
    }
    await expect(stringify(errors, { lineWidth: 160 })).toMatchFileSnapshot(join(LISTENERS_FOLDER, name, 'error.yaml'));
  });

  it('say nothing of a certificate but its names, whatever their order', () => {
    const input = listenerInput('sni');
    const turned = input.certificates?.map(({ name, hosts }) => ({ name, hosts: hosts.toReversed() })) ?? [];
    expect(translatedListener({ ...input, certificates: turned }, 'ads')).toEqual(translatedListener(input, 'ads'));
  });
});
