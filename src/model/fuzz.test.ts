import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, nearly } from '../../tests/support/fuzz.ts';
import { EXAMPLES } from '../../tests/support/wish-examples.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { parseDuration } from './duration.ts';
import { parseEndpoint } from './endpoint.ts';
import { parseHost } from './host.ts';
import { KINDS, type Wish } from './kinds.ts';
import { documentOf, parseWish } from './schemas.ts';
import { parseOrThrow } from './validation.ts';

/** The same numbers at every run; another seed finds other things. */
const FUZZ = { seed: Number(process.env['FUZZ_SEED'] ?? 1), numRuns: Number(process.env['FUZZ_RUNS'] ?? 1500) };

/** What was read; undefined where it was refused in the words that users are meant to read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EnvoyageError);
    const { code, message } = thrown as EnvoyageError;
    expect([code, message.length > 0 && message.length < 20_000]).toEqual(['invalid-request', true]);
    return undefined;
  }
}

/** Members may be called `constructor`, which `toStrictEqual` takes for something else. */
function same(found: unknown, expected: unknown): void {
  expect(isDeepStrictEqual(found, expected), `${JSON.stringify(found)} is not ${JSON.stringify(expected)}`).toBe(true);
}

describe.each(KINDS)('%s, whatever it says', (kind) => {
  const { schema, fields, good } = EXAMPLES[kind];
  const read = (input: unknown): Wish => parseOrThrow(schema, input, fields);

  it('is refused in words, or read into a form that reads as itself', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 6, arbitrary: nearly(good) }, { weight: 1, arbitrary: anyJson }), (input) => {
        const before = JSON.stringify(input);
        const wish = attempt(() => read(input));
        expect(JSON.stringify(input)).toBe(before);
        if (wish === undefined) return;
        taken++;
        same(read(wish), wish);
        // It goes through files and over the wire as JSON.
        same(JSON.parse(JSON.stringify(wish)), wish);
      }),
      FUZZ,
    );
    expect(taken).toBeGreaterThan(FUZZ.numRuns / 50);
    expect(taken).toBeLessThan(FUZZ.numRuns);
  });
});

describe('a document of any kind', () => {
  it('is refused in words, or comes back as it was written', () => {
    const all = KINDS.flatMap((kind) => EXAMPLES[kind].good);
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: nearly(all) }, { weight: 1, arbitrary: anyJson }), (input) => {
        const wish = attempt(() => parseWish(input));
        if (wish !== undefined) same(parseWish(documentOf(wish)), wish);
      }),
      FUZZ,
    );
  });
});

describe.each([
  ['a host', parseHost],
  ['an endpoint', parseEndpoint],
  ['a duration', parseDuration],
])('%s', (_, parse) => {
  it('is refused in words, or has one form', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...'a1.:[]*-/%s mhé0') }),
      fc.domain(),
      fc.ipV6(),
      fc.ipV4Extended(),
      fc
        .tuple(
          fc.oneof(
            fc.domain(),
            fc.ipV4(),
            fc.ipV6().map((ip) => `[${ip}]`),
          ),
          fc.nat(70_000),
        )
        .map(([host, port]) => `${host}:${port}`),
      fc.tuple(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.constantFrom('s', 'ms', 'm', 'h', 'us')).map(([number, unit]) => `${number}${unit}`),
    );
    fc.assert(
      fc.property(text, (input) => {
        let parsed: string;
        try {
          parsed = parse(input);
        } catch (thrown) {
          expect((thrown as Error).constructor).toBe(Error);
          return;
        }
        expect(parse(parsed)).toBe(parsed);
      }),
      FUZZ,
    );
  });
});
