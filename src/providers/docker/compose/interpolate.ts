/** What variables of a compose file are replaced by: the environment, and `.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  readonly text: string;
  /** Variables that nobody has set and that have no default: compose puts nothing in their place. */
  readonly missing: readonly string[];
  /** Why compose would refuse it. */
  readonly fault?: string;
}

/** `$$`, `$NAME`, `${NAME}` and `${NAME:-default}`; what stands between the braces is read by hand, since defaults nest. */
const START = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{)/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([\s\S]*))?$/;

/** A text with its variables replaced, as compose does it (Compose specification, "Interpolation"). Nothing is thrown. */
export function interpolate(text: string, environment: Environment): Interpolated {
  if (!text.includes('$')) return { text, missing: [] };
  const missing: string[] = [];
  let fault: string | undefined;
  let out = '';
  let at = 0;
  for (;;) {
    START.lastIndex = at;
    const found = START.exec(text);
    if (found === null) break;
    out += text.slice(at, found.index);
    at = found.index + found[0].length;
    if (found[0] === '$$') out += '$';
    else if (found[1] !== undefined) out += known(found[1], environment, missing);
    else {
      const end = endOf(text, at);
      const inner = text.slice(at, end);
      at = end + 1;
      const replaced = end >= text.length ? undefined : braced(inner, environment);
      if (replaced === undefined) fault ??= `"\${${inner.slice(0, 40)}" is no variable: write \${NAME} or \${NAME:-default}, and $$ for a dollar sign`;
      else {
        out += replaced.text;
        missing.push(...replaced.missing);
        fault ??= replaced.fault;
      }
    }
  }
  return { text: out + text.slice(at), missing, ...(fault === undefined ? {} : { fault }) };
}

/** Where the brace closes that was opened before `from`. */
function endOf(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('${', i)) depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return text.length;
}

function known(name: string, environment: Environment, missing: string[]): string {
  const value = environment[name];
  if (value === undefined) missing.push(name);
  return value ?? '';
}

function braced(inner: string, environment: Environment): Interpolated | undefined {
  const [, name, operator, rest = ''] = INSIDE.exec(inner) ?? [];
  if (name === undefined) return undefined;
  const value = environment[name];
  // With the colon, what is empty counts as not set.
  const isSet = value !== undefined && !(operator?.startsWith(':') === true && value === '');
  if (operator?.endsWith('+') === true) return isSet ? interpolate(rest, environment) : { text: '', missing: [] };
  if (isSet) return { text: value, missing: [] };
  if (operator?.endsWith('-') === true) return interpolate(rest, environment);
  if (operator?.endsWith('?') === true)
    return { text: '', missing: [], fault: `the variable ${name} is not set, and has to be${rest === '' ? '' : `: ${rest.slice(0, 80)}`}` };
  return { text: value ?? '', missing: value === undefined ? [name] : [] };
}

/** The variables of a `.env` file, as far as compose files have use for them: `NAME=value`, quotes around it, comments. */
export function readDotEnv(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, quoted, single, plain = ''] =
      /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:(?<=\s|["'])#.*)?$/.exec(line) ?? [];
    if (name !== undefined) found[name] = quoted ?? single ?? plain;
  }
  return found;
}
