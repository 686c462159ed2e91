import { stringify } from 'yaml';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import type { GroupRule } from '../model/group-rule.ts';
import type { LoadedOptions } from './load.ts';
import { aboutOption, OPTION_NAMES, OPTIONS, type OptionName, propertyOf } from './options.ts';
import { isPoller, writtenPoller } from './rest-fields.ts';
import { DEFAULT_SOURCE } from './source.ts';

/** The value of an option as the file would hold it; undefined where it is not set. */
export function fileValue({ options }: Pick<LoadedOptions, 'options'>, name: OptionName): unknown {
  const value: unknown = options[propertyOf(name)];
  if (aboutOption(name).kind === 'listeners') {
    return Object.fromEntries(Object.entries(value as Record<string, HostPort>).map(([group, address]) => [group, formatHostPort(address)]));
  }
  return Array.isArray(value) ? value.map(asWritten) : asWritten(value);
}

function asWritten(value: unknown): unknown {
  if (isAddress(value)) return formatHostPort(value);
  if (isPoller(value)) return writtenPoller(value);
  return isRule(value) ? value.text : value;
}

/** The default of an option as text; undefined where it has none. */
export function defaultText(name: OptionName): string | undefined {
  const { kind, defaultText: said } = aboutOption(name);
  if (said !== undefined || kind === 'boolean' || kind === 'list' || kind === 'paths' || kind === 'pollers' || kind === 'addresses') return said;
  const value: unknown = OPTIONS[name].safeParse(undefined).data;
  return isAddress(value) ? formatHostPort(value) : value === undefined ? undefined : String(value);
}

function isAddress(value: unknown): value is HostPort {
  return typeof value === 'object' && value !== null && 'host' in value && 'port' in value;
}

function isRule(value: unknown): value is GroupRule {
  return typeof value === 'object' && value !== null && 'text' in value && 'pattern' in value;
}

/** The options in force as a file that says the same, each line with where its value comes from. */
export function printYaml(loaded: LoadedOptions): string {
  const lines: [text: string, comment: string][] = [];
  for (const name of OPTION_NAMES) {
    const { where, entries } = loaded.sources[name];
    const value = fileValue(loaded, name);
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      lines.push([`# ${name}:`, 'not set']);
    } else if (Array.isArray(value)) {
      lines.push([`${name}:`, where]);
      for (const [index, item] of value.entries()) lines.push([`  - ${scalar(item)}`, entries?.get(String(index)) ?? where]);
    } else if (typeof value === 'object' && value !== null) {
      lines.push([`${name}:`, where]);
      for (const [key, item] of Object.entries(value)) lines.push([`  ${scalar(key)}: ${scalar(item)}`, entries?.get(key) ?? DEFAULT_SOURCE.where]);
    } else {
      lines.push([`${name}: ${scalar(value)}`, where]);
    }
  }
  const width = Math.min(48, Math.max(...lines.map(([text]) => text.length)));
  return lines.map(([text, comment]) => `${text.padEnd(width)}  # ${comment}\n`).join('');
}

function scalar(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trimEnd();
}

/** The same for machines; `sources` says `flag`, `env`, `file` or `default` and where. */
export function printJson(loaded: LoadedOptions): string {
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, fileValue(loaded, name) ?? null]));
  const sources = Object.fromEntries(OPTION_NAMES.map((name) => [name, { from: loaded.sources[name].from, where: loaded.sources[name].where }]));
  return `${JSON.stringify({ file: loaded.file ?? null, options, sources }, null, 2)}\n`;
}
