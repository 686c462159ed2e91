import { describe, expect, it } from 'vitest';
import { certificateCases, certificateOutput } from '../support/certificate-cases.ts';
import { askedEnvoy } from '../support/envoy-verdict.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { flavoursOf, listenerCases, listenerInput, listenerOutput, staticListener, translatedListener } from '../support/listeners.ts';

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  const { validate } = askedEnvoy(version);

  it.each(listenerCases('good').flatMap((name) => flavoursOf(listenerInput(name)).map((flavour) => [name, flavour] as const)))(
    'accepts the listener of "%s" (%s)',
    async (name, flavour) => {
      expect(await validate(staticListener(listenerOutput(name)[flavour], listenerInput(name).certificates ?? []))).toEqual({ code: 0, warnings: [] });
    },
  );

  it.each(certificateCases('good'))('accepts the secret of "%s"', async (name) => {
    const { secret, names } = certificateOutput(name);
    const listener = translatedListener(
      { listener: { kind: 'Listener', name: 'web', address: '127.0.0.1:1', certificates: ['web'] }, certificates: [names] },
      'ads',
    );
    expect(await validate(staticListener(listener, [], [secret]))).toEqual({ code: 0, warnings: [] });
  });

  it('would refuse a certificate that is not there', async () => {
    const refused = await validate(staticListener(listenerOutput('https').ads, []));
    expect(refused).toMatchObject({ code: 1, warnings: [expect.stringContaining('web')] });
  });
});
