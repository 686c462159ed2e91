import { z } from 'zod';
import { type About, about } from './about.ts';
import { ENVOY_OPTIONS } from './options/envoys.ts';
import { HTTP_OPTIONS } from './options/http.ts';
import { PROVIDER_OPTIONS } from './options/providers.ts';
import { ROLLOUT_OPTIONS } from './options/rollout.ts';
import { STORAGE_OPTIONS } from './options/storage.ts';
import { TELEMETRY_OPTIONS } from './options/telemetry.ts';
import { XDS_OPTIONS } from './options/xds.ts';

export type { OptionKind } from './about.ts';

/**
 * Every start-up option, once, in the order in which they are listed. A flag is `--` and the name, its environment
 * variable `ENVOYAGE_` and the name in capitals, the key in the file the name itself.
 */
export const OPTIONS = {
  ...HTTP_OPTIONS,
  ...XDS_OPTIONS,
  ...ENVOY_OPTIONS,
  ...ROLLOUT_OPTIONS,
  ...PROVIDER_OPTIONS,
  ...STORAGE_OPTIONS,
  ...TELEMETRY_OPTIONS,
} as const;

export type OptionName = keyof typeof OPTIONS;
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

/** Those that hold several are plural in code: a flag names one of them, a property has them all. */
const PLURAL = {
  listener: 'listeners',
  'group-rule': 'groupRules',
  'http-allowed-host': 'httpAllowedHosts',
  'xds-client-group': 'xdsClientGroups',
  'provider-module': 'providerModules',
  file: 'files',
} as const;
type Property<N extends OptionName> = N extends keyof typeof PLURAL ? (typeof PLURAL)[N] : CamelCase<N>;

/** The options in force. `listeners` always has a `default`, which holds for groups that are not named; paths are absolute. */
export type Options = { readonly [N in OptionName as Property<N>]: z.output<(typeof OPTIONS)[N]> };

export function propertyOf<N extends OptionName>(name: N): Property<N> {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return (name in PLURAL ? PLURAL[name as keyof typeof PLURAL] : camel) as Property<N>;
}

export function aboutOption(name: OptionName): About {
  const found = about.get(OPTIONS[name]);
  if (found === undefined) throw new Error(`the option ${name} lacks its description`);
  return found;
}

/** The values of a choice, for completion. */
export function choicesOf(name: OptionName): readonly string[] | undefined {
  const schema = OPTIONS[name];
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  return inner instanceof z.ZodEnum ? inner.options : undefined;
}

export const flagOf = (name: string): string => `--${name}`;
export const envOf = (name: string): string => `ENVOYAGE_${name.toUpperCase().replaceAll('-', '_')}`;
