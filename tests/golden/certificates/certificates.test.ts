import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { EnvoyageError } from '../../../src/lib/errors.ts';
import { CERTIFICATES_FOLDER, certificateCases, certificateInput, translatedCertificate } from '../../support/certificate-cases.ts';

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('certificates', () => {
  it('have cases', () => {
    expect(certificateCases('good').length).toBeGreaterThan(3);
    expect(certificateCases('bad').length).toBeGreaterThan(6);
  });

  it.each(certificateCases('good'))('become of %s what is in the golden file', async (name) => {
    const made = translatedCertificate(certificateInput(name));
    await expect(stringify(made, { lineWidth: 160 })).toMatchFileSnapshot(join(CERTIFICATES_FOLDER, name, 'out.yaml'));
  });

  it.each(certificateCases('bad'))('are refused: %s', async (name) => {
    let errors: unknown;
    try {
      translatedCertificate(certificateInput(name));
    } catch (thrown) {
      errors = thrown instanceof EnvoyageError ? thrown.errors : thrown;
    }
    await expect(stringify(errors, { lineWidth: 160 })).toMatchFileSnapshot(join(CERTIFICATES_FOLDER, name, 'error.yaml'));
  });
});
