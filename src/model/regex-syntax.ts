import { type CharSet, CONTROL, code, complement, LAST_CODE_POINT, PERL, POSIX, type Range } from './regex-chars.ts';

/** A part of a regular expression. */
export type RegexNode =
  | { readonly op: 'one'; readonly of: CharSet }
  | { readonly op: 'all'; readonly parts: readonly RegexNode[] }
  | { readonly op: 'either'; readonly parts: readonly RegexNode[] }
  | { readonly op: 'repeat'; readonly of: RegexNode; readonly least: number; readonly most: number; readonly lazy: boolean }
  | { readonly op: 'group'; readonly of: RegexNode; readonly number: number }
  | { readonly op: 'at'; readonly place: 'begin' | 'end' | 'boundary' | 'inside' };

export interface RegexTree {
  readonly node: RegexNode;
  /** How many groups it captures. */
  readonly groups: number;
}

/** RE2's limit, also for what repetitions inside of one another come to. */
const MOST_REPEATS = 1000;
const MOST_DEPTH = 50;

interface Flags {
  readonly anyCase: boolean;
  readonly dotAll: boolean;
}

/**
 * Reads what both RE2 (https://github.com/google/re2/wiki/Syntax) and this room understand. What is refused beyond that are
 * Unicode classes, \C, \Q, octal escapes and the flags m and U.
 * @throws Error whose message says what is wrong, without repeating the text
 */
export function parseRegex(pattern: string): RegexTree {
  return new Parser(pattern).parse();
}

class Parser {
  readonly #chars: readonly string[];
  #at = 0;
  #groups = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#chars = [...pattern];
  }

  parse(): RegexTree {
    const { node } = this.#either({ anyCase: false, dotAll: false });
    if (this.#at < this.#chars.length) throw new Error('has a ) without its (');
    checkRepeats(node, 1);
    return { node, groups: this.#groups };
  }

  get #next(): string | undefined {
    return this.#chars[this.#at];
  }

  #take(text: string): boolean {
    for (const [i, char] of [...text].entries()) if (this.#chars[this.#at + i] !== char) return false;
    this.#at += text.length;
    return true;
  }

  /** Up to the ) that ends it. Flags hold until there. */
  #either(flags: Flags): { readonly node: RegexNode } {
    if (++this.#depth > MOST_DEPTH) throw new Error(`has more than ${MOST_DEPTH} groups inside of one another`);
    const branches: RegexNode[][] = [[]];
    let now = flags;
    for (let char = this.#next; char !== undefined && char !== ')'; char = this.#next) {
      const parts = branches.at(-1) ?? [];
      if (this.#take('|')) branches.push([]);
      else if (char === '(') {
        const group = this.#group(now);
        if ('flags' in group) now = group.flags;
        else parts.push(this.#repeated(group.node));
      } else parts.push(this.#repeated(this.#atom(now)));
    }
    this.#depth--;
    const parts = branches.map((branch): RegexNode => ({ op: 'all', parts: branch }));
    return { node: parts.length === 1 && parts[0] !== undefined ? parts[0] : { op: 'either', parts } };
  }

  #group(flags: Flags): { readonly node: RegexNode } | { readonly flags: Flags } {
    this.#at++;
    for (const start of ['?=', '?!', '?<=', '?<!']) if (this.#take(start)) throw new Error(`looks around by (${start}, which RE2 does not do`);
    let inner = flags;
    let number: number | undefined;
    if (this.#take('?P<') || this.#take('?<')) {
      const end = this.#chars.indexOf('>', this.#at);
      if (end < 0 || !/^[A-Za-z_]\w*$/.test(this.#chars.slice(this.#at, end).join(''))) throw new Error('has a group with a name that is none');
      this.#at = end + 1;
      number = ++this.#groups;
    } else if (this.#take('?')) {
      inner = this.#flags(flags);
      if (this.#take(')')) return { flags: inner };
      this.#at++;
    } else {
      number = ++this.#groups;
    }
    const { node } = this.#either(inner);
    if (!this.#take(')')) throw new Error('has a ( without its )');
    return { node: number === undefined ? node : { op: 'group', of: node, number } };
  }

  /** Up to the : or ) after them. */
  #flags({ anyCase, dotAll }: Flags): Flags {
    let on = true;
    for (let char = this.#next; char !== ':' && char !== ')'; char = this.#next) {
      this.#at++;
      if (char === 'i') anyCase = on;
      else if (char === 's') dotAll = on;
      else if (char === '-' && on) on = false;
      else throw new Error(char === undefined ? 'has a ( without its )' : `has (?${char}: of the flags, i and s can be used`);
    }
    return { anyCase, dotAll };
  }

  #repeated(of: RegexNode): RegexNode {
    const bounds = this.#bounds();
    if (bounds === undefined) return of;
    const lazy = this.#take('?');
    if (this.#bounds() !== undefined) throw new Error('repeats what is a repetition already: put it into (?:…)');
    return { op: 'repeat', of, least: bounds[0], most: bounds[1], lazy };
  }

  #bounds(): readonly [least: number, most: number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (this.#next !== '{') return undefined;
    const [text, least, comma, most] = /^\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/.exec(this.#chars.slice(this.#at, this.#at + 13).join('')) ?? [];
    if (text === undefined || least === undefined) throw new Error('has a { that begins no repetition: write \\{ for the character');
    this.#at += text.length;
    const bounds = [Number(least), most !== undefined ? Number(most) : comma === undefined ? Number(least) : Number.POSITIVE_INFINITY] as const;
    if (bounds[1] < bounds[0]) throw new Error(`repeats ${text}, which ends before it begins`);
    return bounds;
  }

  #atom(flags: Flags): RegexNode {
    const char = this.#next ?? '';
    if ('*+?{'.includes(char)) throw new Error(`has a ${char} with nothing before it to repeat`);
    this.#at++;
    const set = (ranges: readonly Range[], negated = false): RegexNode => ({ op: 'one', of: { ranges, negated, anyCase: flags.anyCase } });
    switch (char) {
      case '^':
        return { op: 'at', place: 'begin' };
      case '$':
        return { op: 'at', place: 'end' };
      case '.':
        return set(flags.dotAll ? [] : [[10, 10]], true);
      case '[':
        return { op: 'one', of: this.#class(flags) };
      case '\\':
        if (this.#take('A')) return { op: 'at', place: 'begin' };
        if (this.#take('z')) return { op: 'at', place: 'end' };
        if (this.#take('b')) return { op: 'at', place: 'boundary' };
        if (this.#take('B')) return { op: 'at', place: 'inside' };
        return set(this.#escape());
      default:
        return set([[code(char), code(char)]]);
    }
  }

  #class({ anyCase }: Flags): CharSet {
    const negated = this.#take('^');
    const ranges: Range[] = [];
    for (let first = true; first || this.#next !== ']'; first = false) {
      if (this.#next === undefined) throw new Error('has a [ without its ]');
      const some = this.#member();
      const [only] = some;
      const single = some.length === 1 && only !== undefined && only[0] === only[1];
      if (this.#next === '-' && this.#chars[this.#at + 1] !== ']' && this.#chars[this.#at + 1] !== undefined) {
        this.#at++;
        const [end] = this.#member();
        if (!single || end === undefined || end[0] !== end[1] || end[0] < only[0]) throw new Error('has a range of characters that is none');
        ranges.push([only[0], end[1]]);
      } else ranges.push(...some);
    }
    this.#at++;
    return { ranges, negated, anyCase };
  }

  /** One character of a class, or what stands for several. */
  #member(): readonly Range[] {
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.#chars.slice(this.#at, this.#at + 14).join(''));
    if (posix !== null) {
      this.#at += posix[0].length;
      const ranges = POSIX[posix[2] ?? ''];
      if (ranges === undefined) throw new Error(`has the class ${posix[0]}, which is none`);
      return posix[1] === '^' ? complement(ranges) : ranges;
    }
    const char = this.#next ?? '';
    this.#at++;
    return char === '\\' ? this.#escape() : [[code(char), code(char)]];
  }

  /** What comes after a backslash. */
  #escape(): readonly Range[] {
    const char = this.#next;
    if (char === undefined) throw new Error('ends with a backslash');
    this.#at++;
    const perl = Object.hasOwn(PERL, char.toLowerCase()) ? PERL[char.toLowerCase()] : undefined;
    if (perl !== undefined) return char === char.toLowerCase() ? perl : complement(perl);
    if (/[1-9k]/.test(char)) throw new Error(`refers back by \\${char}, which RE2 does not do`);
    const single = (point: number): Range[] => [[point, point]];
    if (char === 'x') {
      const [text, two, braced] = /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(this.#chars.slice(this.#at, this.#at + 8).join('')) ?? [];
      const point = Number.parseInt(two ?? braced ?? '', 16);
      if (text === undefined || point > LAST_CODE_POINT) throw new Error('has a \\x without the number of a character');
      this.#at += text.length;
      return single(point);
    }
    const control = Object.hasOwn(CONTROL, char) ? CONTROL[char] : undefined;
    if (control !== undefined) return single(control);
    if (/[A-Za-z0-9]|[^\0-\x7f]/u.test(char)) throw new Error(`has \\${char}, which means nothing here`);
    return single(code(char));
  }
}

/** As RE2's RepetitionWalker does: the numbers in braces, multiplied on the way down. */
function checkRepeats(node: RegexNode, outer: number): void {
  if (node.op === 'all' || node.op === 'either') for (const part of node.parts) checkRepeats(part, outer);
  if (node.op === 'group') checkRepeats(node.of, outer);
  if (node.op !== 'repeat') return;
  const times = outer * Math.max(1, Number.isFinite(node.most) ? node.most : node.least);
  if (times > MOST_REPEATS) throw new Error(`repeats more than ${MOST_REPEATS} times, which RE2 does not do`);
  checkRepeats(node.of, times);
}
