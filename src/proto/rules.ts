/**
 * The rules of validate/validate.proto on single values, in the words of protoc-gen-validate, which Envoy says them with.
 * All kinds that Envoy's API has are here, and `constraints.test.ts` sees that it has no others.
 */

/** `validate.FieldRules` as protobufjs gives it, all numbers plain ones. */
export interface FieldRules {
  readonly message?: { readonly required?: boolean; readonly skip?: boolean };
  readonly string?: StringRules;
  readonly bytes?: LengthRules;
  readonly bool?: { readonly const?: boolean };
  readonly enum?: EnumRules;
  readonly repeated?: {
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly unique?: boolean;
    readonly items?: FieldRules;
    readonly ignoreEmpty?: boolean;
  };
  readonly map?: {
    readonly minPairs?: number;
    readonly maxPairs?: number;
    readonly keys?: FieldRules;
    readonly values?: FieldRules;
    readonly ignoreEmpty?: boolean;
  };
  readonly any?: { readonly required?: boolean; readonly in?: readonly string[]; readonly notIn?: readonly string[] };
  readonly duration?: DurationRules;
  readonly [numbers: string]: unknown;
}

export interface NumberRules {
  readonly const?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly gte?: number;
  readonly in?: readonly number[];
  readonly notIn?: readonly number[];
  readonly ignoreEmpty?: boolean;
}

export interface LengthRules {
  readonly len?: number;
  readonly minLen?: number;
  readonly maxLen?: number;
  readonly ignoreEmpty?: boolean;
}

export interface StringRules extends LengthRules {
  readonly const?: string;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly pattern?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly in?: readonly string[];
  readonly notIn?: readonly string[];
  /** An index into {@link PATTERNS}. */
  readonly wellKnownRegex?: number;
  readonly strict?: boolean;
}

export interface EnumRules {
  readonly const?: number;
  readonly definedOnly?: boolean;
  readonly in?: readonly number[];
  readonly notIn?: readonly number[];
}

type Time = { readonly seconds?: number; readonly nanos?: number };

export interface DurationRules {
  readonly required?: boolean;
  readonly const?: Time;
  readonly lt?: Time;
  readonly lte?: Time;
  readonly gt?: Time;
  readonly gte?: Time;
}

/** KnownRegex: strict ones for the name and the value of a header (RFC 7230), and what neither may have in any case. */
const PATTERNS = {
  strict: [undefined, String.raw`^:?[0-9a-zA-Z!#$%&'*+-.^_|~\x60]+$`, String.raw`^[^\x00-\b\n-\x1f\x7f]*$`],
  loose: String.raw`^[^\x00\n\r]*$`,
} as const;

/** What is wrong with a value, in words; undefined where nothing is. The same goes for those below. */
export function numberFault(value: number, rules: NumberRules): string | undefined {
  if (rules.ignoreEmpty && value === 0) return undefined;
  if (rules.const !== undefined && value !== rules.const) return `value must equal ${rules.const}`;
  return listFault(value, rules) ?? boundsFault(value, rules, String);
}

function listFault<T>(value: T, rules: { readonly in?: readonly T[]; readonly notIn?: readonly T[] }): string | undefined {
  if (rules.in !== undefined && rules.in.length > 0 && !rules.in.includes(value)) return `value must be in list [${rules.in.join(' ')}]`;
  if (rules.notIn?.includes(value)) return `value must not be in list [${rules.notIn.join(' ')}]`;
  return undefined;
}

function boundsFault(value: number, { lt, lte, gt, gte }: NumberRules, text: (bound: number) => string): string | undefined {
  const above = gt === undefined ? gte === undefined || value >= gte : value > gt;
  const below = lt === undefined ? lte === undefined || value <= lte : value < lt;
  const lower = gt ?? gte;
  const upper = lt ?? lte;
  if (lower !== undefined && upper !== undefined) {
    const range = `${gt === undefined ? '[' : '('}${text(lower)}, ${text(upper)}${lt === undefined ? ']' : ')'}`;
    // Bounds the other way round leave out what is between them.
    if (upper < lower) return above || below ? undefined : `value must be outside range ${range}`;
    return above && below ? undefined : `value must be inside range ${range}`;
  }
  if (lower !== undefined && !above) return `value must be greater than ${gt === undefined ? 'or equal to ' : ''}${text(lower)}`;
  if (upper !== undefined && !below) return `value must be less than ${lt === undefined ? 'or equal to ' : ''}${text(upper)}`;
  return undefined;
}

export function stringFault(value: string, rules: StringRules): string | undefined {
  if (rules.ignoreEmpty && value === '') return undefined;
  if (rules.const !== undefined && value !== rules.const) return `value must equal ${rules.const}`;
  return (
    listFault(value, rules) ??
    lengthFault([...value].length, rules.len, rules.minLen, rules.maxLen, 'characters') ??
    lengthFault(Buffer.byteLength(value), undefined, rules.minBytes, rules.maxBytes, 'bytes') ??
    partFault(value, rules) ??
    patternFault(value, rules)
  );
}

export function bytesFault(value: Uint8Array, rules: LengthRules): string | undefined {
  if (rules.ignoreEmpty && value.length === 0) return undefined;
  return lengthFault(value.length, rules.len, rules.minLen, rules.maxLen, 'bytes');
}

function lengthFault(length: number, exactly: number | undefined, min: number | undefined, max: number | undefined, unit: string): string | undefined {
  if (exactly !== undefined && length !== exactly) return `value length must be ${exactly} ${unit}`;
  if ((min === undefined || length >= min) && (max === undefined || length <= max)) return undefined;
  if (min !== undefined && max !== undefined)
    return `value length must be ${min === max ? min : `between ${min} and ${max}`} ${unit}${min === max ? '' : ', inclusive'}`;
  return min === undefined ? `value length must be at most ${max} ${unit}` : `value length must be at least ${min} ${unit}`;
}

function partFault(value: string, { prefix = '', suffix = '', contains = '' }: StringRules): string | undefined {
  if (!value.startsWith(prefix)) return `value does not have prefix "${prefix}"`;
  if (!value.endsWith(suffix)) return `value does not have suffix "${suffix}"`;
  return value.includes(contains) ? undefined : `value does not contain substring "${contains}"`;
}

function patternFault(value: string, { pattern, wellKnownRegex = 0, strict = true }: StringRules): string | undefined {
  const known = wellKnownRegex === 0 ? undefined : strict ? PATTERNS.strict[wellKnownRegex] : PATTERNS.loose;
  for (const each of [known, pattern]) if (each !== undefined && !new RegExp(each).test(value)) return `value does not match regex pattern "${each}"`;
  return undefined;
}

/** @param names of the enum's values, with their numbers */
export function enumFault(value: number, rules: EnumRules, names: Readonly<Record<string, number>>): string | undefined {
  const named = (numbers: readonly number[] | undefined) =>
    numbers?.map((number) => Object.keys(names).find((name) => names[name] === number) ?? String(number));
  if (rules.const !== undefined && value !== rules.const) return `value must equal ${named([rules.const])?.[0]}`;
  const own = named([value])?.[0] ?? '';
  if (rules.definedOnly && !Object.values(names).includes(value)) return 'value must be one of the defined enum values';
  return listFault(own, {
    ...(rules.in === undefined ? {} : { in: named(rules.in) ?? [] }),
    ...(rules.notIn === undefined ? {} : { notIn: named(rules.notIn) ?? [] }),
  });
}

export function durationFault(value: Time, { const: exactly, lt, lte, gt, gte }: DurationRules): string | undefined {
  if (exactly !== undefined && nanos(value) !== nanos(exactly)) return `value must equal ${durationText(nanos(exactly))}`;
  const bounds = Object.entries({ lt, lte, gt, gte }).flatMap(([name, time]) => (time === undefined ? [] : [[name, nanos(time)] as const]));
  return boundsFault(nanos(value), Object.fromEntries(bounds), durationText);
}

/** Exact up to a hundred days, and far from any bound that Envoy has beyond. */
function nanos({ seconds = 0, nanos: rest = 0 }: Time): number {
  return seconds * 1e9 + rest;
}

function durationText(value: number): string {
  if (value !== 0 && value < 1e9) return value % 1e6 === 0 ? `${value / 1e6}ms` : `${value}ns`;
  return `${value / 1e9}s`;
}
