/** As much of JSON Schema 2020-12 as the API's document uses; a keyword that is not known here is an error, so that nothing passes unchecked. */
export type Schema = Readonly<Record<string, unknown>>;

const NOTES = new Set(['description', 'title', 'examples', 'default', 'readOnly', 'deprecated', '$schema']);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** What is wrong with the value, each with its place; nothing where it fits. */
export function violations(schema: Schema, value: unknown, resolve: (ref: string) => Schema, at = ''): string[] {
  return Object.entries(schema).flatMap(([keyword, said]) => {
    if (NOTES.has(keyword)) return [];
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`${at || 'the schema'} uses "${keyword}", which the tests do not check`);
    return check(said as never, value, { schema, resolve, at });
  });
}

interface Place {
  readonly schema: Schema;
  readonly resolve: (ref: string) => Schema;
  readonly at: string;
}

type Keyword = (said: never, value: unknown, place: Place) => string[];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const fault = (holds: boolean, at: string, what: string): string[] => (holds ? [] : [`${at || '/'}: ${what}`]);

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: (ref: string, value, { resolve, at }) => violations(resolve(ref), value, resolve, at),
  type: (type: string | string[], value, { at }) =>
    fault(
      [type].flat().some((each) => isOfType(each, value)),
      at,
      `is not of type ${[type].flat().join(' or ')}`,
    ),
  const: (wanted: unknown, value, { at }) => fault(JSON.stringify(wanted) === JSON.stringify(value), at, `is not ${JSON.stringify(wanted)}`),
  enum: (wanted: unknown[], value, { at }) => fault(wanted.includes(value), at, `is none of ${JSON.stringify(wanted)}`),
  properties: (properties: Record<string, Schema>, value, { resolve, at }) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([key, each]) => (Object.hasOwn(value, key) ? violations(each, value[key], resolve, `${at}/${key}`) : []))
      : [],
  required: (keys: string[], value, { at }) => (isObject(value) ? keys.flatMap((key) => fault(Object.hasOwn(value, key), at, `lacks "${key}"`)) : []),
  additionalProperties: (allowed: boolean | Schema, value, { schema, resolve, at }) => {
    if (!isObject(value)) return [];
    const known = Object.keys((schema['properties'] ?? {}) as object);
    const others = Object.keys(value).filter((key) => !known.includes(key));
    if (typeof allowed !== 'boolean') return others.flatMap((key) => violations(allowed, value[key], resolve, `${at}/${key}`));
    return allowed ? [] : others.map((key) => `${at}/${key}: is not in the schema`);
  },
  propertyNames: (names: Schema, value, { resolve, at }) =>
    isObject(value) ? Object.keys(value).flatMap((key) => violations(names, key, resolve, `${at}/${key}`)) : [],
  items: (items: Schema, value, { resolve, at }) => (Array.isArray(value) ? value.flatMap((each, i) => violations(items, each, resolve, `${at}/${i}`)) : []),
  minItems: (least: number, value, { at }) => (Array.isArray(value) ? fault(value.length >= least, at, `has fewer than ${least} items`) : []),
  maxItems: (most: number, value, { at }) => (Array.isArray(value) ? fault(value.length <= most, at, `has more than ${most} items`) : []),
  anyOf: (schemas: Schema[], value, { resolve, at }) => {
    const all = schemas.map((each) => violations(each, value, resolve, at));
    return all.some((each) => each.length === 0) ? [] : [`${at || '/'}: fits none of ${schemas.length}: ${all.map((each) => each.join(', ')).join(' | ')}`];
  },
  minimum: (least: number, value, { at }) => (typeof value === 'number' ? fault(value >= least, at, `is below ${least}`) : []),
  maximum: (most: number, value, { at }) => (typeof value === 'number' ? fault(value <= most, at, `is above ${most}`) : []),
  minLength: (least: number, value, { at }) => (typeof value === 'string' ? fault([...value].length >= least, at, `is shorter than ${least}`) : []),
  maxLength: (most: number, value, { at }) => (typeof value === 'string' ? fault([...value].length <= most, at, `is longer than ${most}`) : []),
  pattern: (pattern: string, value, { at }) => (typeof value === 'string' ? fault(new RegExp(pattern, 'u').test(value), at, `does not match ${pattern}`) : []),
  format: (format: string, value, { at }) => {
    if (format !== 'date-time') throw new Error(`the tests do not check the format ${format}`);
    return typeof value === 'string' ? fault(TIME.test(value), at, 'is not a time in UTC') : [];
  },
};

function isOfType(type: string, value: unknown): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
