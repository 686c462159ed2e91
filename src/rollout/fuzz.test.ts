import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearly } from '../../tests/support/fuzz.ts';
import { EXAMPLES } from '../../tests/support/wish-examples.ts';
import type { HostPort } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { KINDS, keyOf, type Wish } from '../model/kinds.ts';
import { referencesOf } from '../model/references.ts';
import { parseOrThrow } from '../model/validation.ts';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { pathText } from '../proto/fault.ts';
import { checkRaw } from '../translator/raw.ts';
import { createTranslator } from '../translator/translator.ts';
import { resourcesIn } from './content.ts';
import { Preview } from './preview.ts';
import { ABOUT, TestDesired } from './testkit.ts';

/** The same numbers at every run; another seed finds other things. */
const FUZZ = { seed: Number(process.env['FUZZ_SEED'] ?? 1), numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) };

const api = loadEnvoyApi();
const translator = createTranslator(api);
// As the options have it: a group may be called `constructor`.
const listeners: Record<string, HostPort> = Object.assign(Object.create(null), { default: { host: '0.0.0.0', port: 80 } });

function parsed(kind: (typeof KINDS)[number], input: unknown): Wish | undefined {
  const { schema, fields } = EXAMPLES[kind];
  try {
    const wish = parseOrThrow(schema, input, fields);
    if ('kind' in wish && wish.kind === 'Raw') checkRaw(wish, api);
    return wish;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EnvoyageError);
    return undefined;
  }
}

/** What it may refer to. */
const AROUND: readonly Wish[] = [
  { id: 'web', host: 'around.example.com', endpoints: ['10.0.0.1:80'] },
  { id: 'lab', endpoints: ['lab.internal:80'] },
  ...EXAMPLES.Certificate.good.slice(0, 1).map((good) => parsed('Certificate', good) as Wish),
  ...EXAMPLES.Listener.good.slice(1).map((good) => parsed('Listener', good) as Wish),
];

describe.each(KINDS)('%s, however odd', (kind) => {
  it('becomes resources that Envoy’s API has no fault with', () => {
    let made = 0;
    fc.assert(
      fc.property(nearly(EXAMPLES[kind].good), (input) => {
        const wish = parsed(kind, input);
        if (wish === undefined) return;
        const desired = new TestDesired(...[...AROUND, wish].map((each) => ({ ...each, ...ABOUT })));
        // The registry refuses what refers to something that is not there.
        if (referencesOf(wish).some((key) => desired.object(key) === undefined)) return;
        const resources = resourcesIn([new Preview({ desired, translator, listeners }).store(wish.groups?.[0] ?? 'default')]);
        made++;
        for (const { type, name, any } of resources) {
          const { '@type': _, ...message } = api.decode('google.protobuf.Any', any);
          const faults = api.faults(type.slice(type.lastIndexOf('/') + 1), message).map((fault) => `${pathText(fault.path)}: ${fault.message}`);
          expect(faults, `${keyOf(wish)} made ${type} ${name}: ${JSON.stringify(message)}`).toEqual([]);
        }
      }),
      FUZZ,
    );
    expect(made).toBeGreaterThan(FUZZ.numRuns / 50);
  });
});
