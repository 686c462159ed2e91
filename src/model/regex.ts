import { type CharSet, has } from './regex-chars.ts';
import { parseRegex, type RegexNode } from './regex-syntax.ts';

/** A regular expression as Envoy's RE2 runs it: in time that grows with the text, however it was written. */
export interface Regex {
  /** How many groups it captures. */
  readonly groups: number;
  /** Whether the whole text matches. */
  matches(text: string): boolean;
  /** @param substitution see {@link substitutionFault} */
  replaceAll(text: string, substitution: string): string;
}

/** The worst of expressions takes about a second for the longest of URLs. */
export const REGEX_LIMITS = { length: 1024, steps: 2500 } as const;

type Step =
  | { readonly op: 'one'; readonly of: CharSet; readonly next: number }
  | { readonly op: 'split'; readonly to: readonly number[] }
  | { readonly op: 'save'; readonly slot: number; readonly next: number }
  | { readonly op: 'at'; readonly place: 'begin' | 'end' | 'boundary' | 'inside'; readonly next: number }
  | { readonly op: 'done' };

/**
 * @throws Error whose message says what RE2 or this program does not take, without repeating the text
 */
export function compileRegex(pattern: string): Regex {
  if (pattern === '') throw new Error('is empty');
  if (pattern.length > REGEX_LIMITS.length) throw new Error(`is longer than ${REGEX_LIMITS.length} characters`);
  if (!pattern.isWellFormed() || /\p{Cc}/u.test(pattern)) throw new Error('has a control character');
  const { node, groups } = parseRegex(pattern);
  const program = new Program(node, groups);
  return {
    groups,
    matches: (text) => program.run(points(text), 0, true) !== undefined,
    replaceAll: (text, substitution) => replaceAll(program, points(text), substitution),
  };
}

/** Why `\N` and `\\`, all that a backslash may stand before, are not right in what is to stand in place of a match; undefined where they are. */
export function substitutionFault(substitution: string, groups: number): string | undefined {
  for (const [, after = ''] of substitution.matchAll(/\\(.?)/gs)) {
    if (after === '\\') continue;
    if (!/^\d$/.test(after)) return 'has a backslash before something other than a number or a backslash';
    if (Number(after) > groups)
      return `has \\${after}, and the expression has ${groups === 0 ? 'no groups' : `${groups} ${groups === 1 ? 'group' : 'groups'}`}`;
  }
  return undefined;
}

function points(text: string): readonly number[] {
  return [...text].map((char) => char.codePointAt(0) ?? 0);
}

function shown(text: readonly number[]): string {
  return text.map((point) => String.fromCodePoint(point)).join('');
}

/** As RE2::GlobalReplace: from left to right, and no empty match where the last one ended. */
function replaceAll(program: Program, text: readonly number[], substitution: string): string {
  let out = '';
  let lastEnd = -1;
  for (let at = 0; at <= text.length; ) {
    const found = program.run(text, at, false);
    if (found === undefined) return out + shown(text.slice(at));
    const [from = 0, to = 0] = found;
    out += shown(text.slice(at, from));
    if (from === lastEnd && to === from) {
      out += shown(text.slice(from, from + 1));
      at = from + 1;
      continue;
    }
    out += substitution.replaceAll(/\\([\d\\])/g, (_, group: string) => {
      if (group === '\\') return '\\';
      const [start, end] = [found[2 * Number(group)], found[2 * Number(group) + 1]];
      return start === undefined || end === undefined ? '' : shown(text.slice(start, end));
    });
    at = to;
    lastEnd = to;
  }
  return out;
}

/** Where the whole match and each group began and ended. */
type Slots = readonly (number | undefined)[];

/** A thread for each way there is, all of them on the same character (https://swtch.com/~rsc/regexp/regexp2.html). */
class Program {
  readonly #steps: Step[] = [];
  readonly #start: number;
  readonly #slots: number;

  constructor(node: RegexNode, groups: number) {
    this.#slots = 2 * (groups + 1);
    const done = this.#step({ op: 'done' });
    this.#start = this.#step({ op: 'save', slot: 0, next: this.#compile(node, this.#step({ op: 'save', slot: 1, next: done })) });
  }

  #step(step: Step): number {
    if (this.#steps.length >= REGEX_LIMITS.steps) throw new Error('is too large once its repetitions are written out');
    this.#steps.push(step);
    return this.#steps.length - 1;
  }

  /** Backwards: what comes after it is known. @returns where it begins */
  #compile(node: RegexNode, next: number): number {
    switch (node.op) {
      case 'one':
        return this.#step({ op: 'one', of: node.of, next });
      case 'at':
        return this.#step({ op: 'at', place: node.place, next });
      case 'all':
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case 'either':
        return this.#step({ op: 'split', to: node.parts.map((part) => this.#compile(part, next)) });
      case 'group':
        return this.#step({ op: 'save', slot: 2 * node.number, next: this.#compile(node.of, this.#step({ op: 'save', slot: 2 * node.number + 1, next })) });
      case 'repeat':
        return this.#repeat(node, next);
    }
  }

  #repeat({ of, least, most, lazy }: RegexNode & { op: 'repeat' }, next: number): number {
    let after = next;
    if (Number.isFinite(most)) for (let i = least; i < most; i++) after = this.#step({ op: 'split', to: this.#forked(of, after, next, lazy) });
    else {
      const loop = this.#step({ op: 'split', to: [] });
      this.#steps[loop] = { op: 'split', to: this.#forked(of, loop, next, lazy) };
      after = loop;
    }
    for (let i = 0; i < least; i++) after = this.#compile(of, after);
    return after;
  }

  #forked(of: RegexNode, after: number, next: number, lazy: boolean): number[] {
    const more = this.#compile(of, after);
    return lazy ? [next, more] : [more, next];
  }

  /** @param whole from `from` to the end; else the first match from there on, the preferred one of those */
  run(text: readonly number[], from: number, whole: boolean): Slots | undefined {
    let threads: { readonly step: number; readonly slots: Slots }[] = [];
    let found: Slots | undefined;
    for (let at = from; ; at++) {
      const seen = new Set<number>();
      const now: typeof threads = [];
      for (const { step, slots } of threads) this.#follow(step, slots, text, at, seen, now);
      if (found === undefined && (at === from || !whole)) this.#follow(this.#start, new Array<undefined>(this.#slots).fill(undefined), text, at, seen, now);
      threads = [];
      for (const { step: number, slots } of now) {
        const step = this.#steps[number];
        if (step?.op === 'done') {
          if (whole && at < text.length) continue;
          found = slots;
          // What comes after it is less preferred.
          break;
        }
        if (step?.op === 'one' && at < text.length && has(step.of, text[at] ?? 0)) threads.push({ step: step.next, slots });
      }
      if (at >= text.length || (threads.length === 0 && (found !== undefined || whole))) return found;
    }
  }

  /** Adds what is reached without a character, the preferred first. Without recursion: expressions are as deep as they are long. */
  #follow(start: number, initial: Slots, text: readonly number[], at: number, seen: Set<number>, into: { step: number; slots: Slots }[]): void {
    const stack = [{ step: start, slots: initial }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { step: number, slots } = top;
      const step = this.#steps[number];
      if (step === undefined || seen.has(number)) continue;
      seen.add(number);
      if (step.op === 'split') for (const to of step.to.toReversed()) stack.push({ step: to, slots });
      else if (step.op === 'save') stack.push({ step: step.next, slots: slots.with(step.slot, at) });
      else if (step.op === 'at') {
        if (isAt(step.place, text, at)) stack.push({ step: step.next, slots });
      } else into.push(top);
    }
  }
}

function isAt(place: 'begin' | 'end' | 'boundary' | 'inside', text: readonly number[], at: number): boolean {
  if (place === 'begin') return at === 0;
  if (place === 'end') return at === text.length;
  return (isWord(text[at - 1]) !== isWord(text[at])) === (place === 'boundary');
}

function isWord(point: number | undefined): boolean {
  return point !== undefined && point < 0x80 && /\w/.test(String.fromCharCode(point));
}
