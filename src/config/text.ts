import { aboutOption, type OptionName } from './options.ts';

/** What one flag says; repeated ones as a list. The environment says all of it in one string. */
export type FlagValue = string | readonly string[] | boolean;

/** What is wrong with a text before its values are looked at, as the rest of a sentence that begins with its name. */
export class TextFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A flag or environment variable in the shape that the file has it. A value that does not fit is passed on for the schema to refuse. */
export function fromText(name: OptionName, given: FlagValue): unknown {
  if (typeof given === 'boolean') return given;
  const { kind } = aboutOption(name);
  if (kind === 'list' || kind === 'paths' || kind === 'pollers' || kind === 'addresses') return split(given);
  if (kind === 'listeners') return listenersFromText(split(given));
  const text = typeof given === 'string' ? given : (given.at(-1) ?? '');
  if (kind === 'integer') return /^\d{1,15}$/.test(text) ? Number(text) : text;
  if (kind === 'number') return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function split(given: string | readonly string[]): readonly string[] {
  if (typeof given !== 'string') return given;
  return given
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/** `[GROUP=]HOST:PORT`, without a group for `default`. */
function listenersFromText(texts: readonly string[]): Readonly<Record<string, string>> | TextFault {
  const addresses = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const group = equals < 0 ? 'default' : text.slice(0, equals);
    if (addresses.has(group)) return new TextFault(`names the group "${group}" twice`);
    addresses.set(group, text.slice(equals + 1));
  }
  return Object.fromEntries(addresses);
}
