import { EnvoyageError } from '../lib/errors.ts';
import type { OptionName } from './options.ts';

/** Where the value of an option was said. */
export interface Source {
  readonly from: 'flag' | 'env' | 'file' | 'default';
  /** `--http-address`, `ENVOYAGE_HTTP_ADDRESS`, `envoyage.yaml:3:15`, `default`. */
  readonly where: string;
  /** For lists and maps that were given, where each entry was said, by index or key; one that is not here is a default. */
  readonly entries?: ReadonlyMap<string, string>;
}

export type Sources = Readonly<Record<OptionName, Source>>;

export const DEFAULT_SOURCE: Source = { from: 'default', where: 'default' };

/** One thing that is wrong, in words that say where. */
export interface Fault {
  /** Of the option; or of a key or variable that is none. */
  readonly name: string;
  readonly message: string;
}

/** How a sentence about the value begins: `--http-address "x"`, `envoyage.yaml:3:15: listener.edge "x"`. */
export function subject(name: OptionName, source: Source, path: readonly PropertyKey[], value: unknown): string {
  const inner = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const where = source.entries?.get(String(path[0])) ?? source.where;
  const label = source.from === 'file' ? `${where}: ${name}${inner}` : source.from === 'default' ? `the default ${name}` : where;
  return `${label}${shown(value)}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    // The user and the password in a URL are nobody's business.
    const text = value.replace(/:\/\/[^/\s]*@/, '://…@');
    return ` ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)}`;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? ` ${value}` : '';
}

/** All of the faults as one error; the message of each one says where it is. */
export function invalidConfig(faults: readonly Fault[], hint = 'envoyage serve --help lists every option'): EnvoyageError {
  return new EnvoyageError('invalid-config', faults.map(({ message }) => message).join('; '), {
    hint,
    errors: faults.map(({ name, message }) => ({ field: `/${name}`, message })),
  });
}
