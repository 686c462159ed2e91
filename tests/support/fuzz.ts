import fc from 'fast-check';

/** Documents with something done to them: mostly a little wrong, at times still right. */

type Value = unknown;

interface Step {
  /** Chooses a place, and a new value or a name. */
  readonly place: number;
  readonly deed: 'replace' | 'remove' | 'add' | 'rename' | 'repeat';
  readonly value: Value;
  readonly word: string;
}

/** Texts that mean something somewhere, or break something. */
const WORDS = [
  ...[
    '',
    ' ',
    '*',
    '/',
    '//',
    '.',
    '..',
    '-',
    '%',
    '%%',
    '%REQ(x)%',
    '\\',
    '\\1',
    '(',
    '[',
    '^$',
    '\n',
    '\u0000',
    '\ud800',
    '💩',
    'é',
    'İ',
    'ß',
    'xn--',
    'null',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'kind',
    'name',
    'hosts',
    'web',
    'web.example.com',
    '*.example.com',
    '[::1]',
    '[::1]:80',
    '10.0.0.1:80',
    'a:0',
    'a:99999',
  ],
  ...[
    '0s',
    '1s',
    '250ms',
    '1m30s',
    '-1s',
    '1e9s',
    '99999999h',
    '0.0000001s',
    '5xx',
    'http',
    'https',
    '1.3',
    '/api',
    '/api/',
    '/a?b',
    '/a#b',
    '(a|b)*c',
    '(?=a)',
    '\\d+',
  ],
  ...[
    'x'.repeat(300),
    '/'.repeat(5000),
    'a,'.repeat(40),
    ':authority',
    'Host',
    'host',
    'x-y',
    'a b',
    'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    'GET',
    'get',
  ],
];

const NUMBERS = [0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, 200, 301, 404, 600, 65_535, 65_536, 100_001];

const small = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...WORDS),
    fc.constantFrom<Value>(...NUMBERS),
    fc.constantFrom<Value>(null, true, false, [], {}),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...WORDS.slice(0, 60)), tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** Any JSON, `__proto__` as a member included. */
export const anyJson: fc.Arbitrary<Value> = asJson(fc.oneof(small, fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }) as fc.Arbitrary<Value>));

/** One of the examples after up to three steps. */
export function nearly(examples: readonly object[]): fc.Arbitrary<Value> {
  const step: fc.Arbitrary<Step> = fc.record({
    place: fc.nat(10_000),
    deed: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'rename', 'repeat'),
    value: small,
    word: fc.constantFrom(...WORDS),
  });
  return asJson(
    fc.tuple(fc.constantFrom(...examples), fc.array(step, { maxLength: 3 })).map(([example, steps]) => {
      const document = structuredClone(example) as Value;
      for (const each of steps) apply(document, each);
      return document;
    }),
  );
}

/** As it comes out of a parser: objects of the usual kind. */
function asJson(values: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return values.map((value) => JSON.parse(JSON.stringify(value)) as Value);
}

type Container = Record<string, Value> | Value[];

function apply(document: Value, { place, deed, value, word }: Step): void {
  const places = [...placesIn(document)];
  const found = places[place % Math.max(1, places.length)];
  if (found === undefined) return;
  const [holder, key] = found;
  const current = (holder as Record<string, Value>)[key];
  if (deed === 'replace') set(holder, key, value);
  else if (deed === 'remove') remove(holder, key);
  else if (deed === 'add') set(holder, Array.isArray(holder) ? String(holder.length) : word, value);
  else if (deed === 'repeat') set(holder, Array.isArray(holder) ? String(holder.length) : word, structuredClone(current));
  else if (!Array.isArray(holder)) {
    remove(holder, key);
    set(holder, word, current);
  }
}

function* placesIn(value: Value): Generator<[Container, string], void, undefined> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value as Container, key];
    yield* placesIn((value as Record<string, Value>)[key]);
  }
}

function set(holder: Container, key: string, value: Value): void {
  // Not by assignment, which takes __proto__ for something else.
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(holder: Container, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}
