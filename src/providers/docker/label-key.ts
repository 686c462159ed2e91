import { didYouMean, nearest } from '../../lib/nearest.ts';
import { parseHeaderName } from '../../model/header-name.ts';
import { CONTAINER_WORDS } from './container-words.ts';
import { shown } from './label-fault.ts';
import {
  FIRST_WORDS,
  KNOWN_WORDS,
  LATER_WORDS,
  type LaterWord,
  MATCH_FAMILIES,
  MATCH_WORDS,
  NAME,
  SERVICE_FAMILIES,
  SERVICE_NAME,
  SERVICE_WORDS,
  type Word,
} from './service-vocabulary.ts';

export const PREFIX = 'envoyage.';

/** What a label is about. `service` is undefined for the unnamed one. */
export type LabelKey =
  | { readonly of: 'container'; readonly word: string }
  /** @param word in its one form: names of headers in lower case */
  | { readonly of: 'service'; readonly service: string | undefined; readonly word: string; readonly known: Word | LaterWord }
  | {
      readonly of: 'nothing';
      readonly service: string | undefined;
      readonly container: boolean;
      readonly message: string;
      readonly meant?: string | undefined;
    };

/** Reads the name of a label that begins with {@link PREFIX}. Nothing is thrown. */
export function parseKey(label: string): LabelKey {
  const rest = label.slice(PREFIX.length);
  const [first = '', ...more] = rest.split('.');
  if (Object.hasOwn(CONTAINER_WORDS, first)) {
    if (more.length === 0) return { of: 'container', word: first };
    return { of: 'nothing', service: undefined, container: true, message: `the label ${shown(label)} goes on after "${first}"`, meant: `${PREFIX}${first}` };
  }
  if (FIRST_WORDS.has(first) || more.length === 0 || !SERVICE_NAME.test(first)) return serviceKey(label, undefined, rest);
  return serviceKey(label, first, more.join('.'));
}

function serviceKey(label: string, service: string | undefined, word: string): LabelKey {
  try {
    const found = wordOf(word);
    if (found !== undefined) return { of: 'service', service, ...found };
  } catch (thrown) {
    return {
      of: 'nothing',
      service,
      container: false,
      message: `the label ${shown(label)}: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}`,
    };
  }
  const meant = meantBy(service, word);
  return {
    of: 'nothing',
    service,
    container: false,
    message: `there is no label ${shown(label)}${didYouMean(label, meant === undefined ? [] : [meant])}`,
    meant,
  };
}

/** What people may have meant: a word of the service, or of one whose name is such a word, misspelt. */
function meantBy(service: string | undefined, word: string): string | undefined {
  const words = [...KNOWN_WORDS, ...Object.keys(SERVICE_FAMILIES).map((family) => `${family}.NAME`)];
  if (service === undefined) {
    const found = nearest(word, [...words, ...Object.keys(CONTAINER_WORDS)]);
    return found === undefined ? undefined : PREFIX + found;
  }
  const whole = nearest(
    `${service}.${word}`,
    words.filter((each) => each.includes('.')),
  );
  if (whole !== undefined) return PREFIX + whole;
  const found = nearest(word, words);
  return found === undefined ? undefined : `${PREFIX}${service}.${found}`;
}

interface Found {
  readonly word: string;
  readonly known: Word | LaterWord;
}

/** @throws Error where it begins as a word does and goes on as none can */
function wordOf(word: string): Found | undefined {
  const known = own(SERVICE_WORDS, word) ?? own(LATER_WORDS, word);
  if (known !== undefined) return { word, known };
  return inFamily(word, SERVICE_FAMILIES) ?? furtherRoute(word);
}

function inFamily(word: string, families: Readonly<Record<string, Word>>): Found | undefined {
  const dot = word.indexOf('.');
  const [family, name] = dot < 0 ? [word, ''] : [word.slice(0, dot), word.slice(dot + 1)];
  const known = own(families, family);
  if (known === undefined) return undefined;
  if (name === '') throw new Error(`a name has to follow "${family}.", as in ${PREFIX}${family}.${FAMILY_EXAMPLES[family] ?? 'name'}`);
  return { word: `${family}.${nameIn(family, name)}`, known };
}

const FAMILY_EXAMPLES: Readonly<Record<string, string>> = { header: 'X-Version', query: 'page', split: 'v2' };

function nameIn(family: string, name: string): string {
  if (family === 'query') return name;
  if (family === 'split') {
    if (!NAME.test(name)) throw new Error(`${shown(name)} is no name of a version, as in v2`);
    return name;
  }
  try {
    return parseHeaderName(name);
  } catch (thrown) {
    throw new Error(`${shown(name)} ${thrown instanceof Error ? thrown.message : 'is no name of a header'}`);
  }
}

/** `route.<name>.<match word>` */
function furtherRoute(word: string): Found | undefined {
  if (word !== 'route' && !word.startsWith('route.')) return undefined;
  const [, name = '', ...more] = word.split('.');
  const rest = more.join('.');
  if (!SERVICE_NAME.test(name) || rest === '') throw new Error(`a name and a word have to follow "route.", as in ${PREFIX}route.api.path`);
  const known = own(MATCH_WORDS, rest);
  const found = known === undefined ? inFamily(rest, MATCH_FAMILIES) : { word: rest, known };
  if (found === undefined)
    throw new Error(
      `${shown(rest)} says nothing of a route${didYouMean(rest, Object.keys(MATCH_WORDS))}: ${Object.keys(MATCH_WORDS).join(', ')}, header.NAME, query.NAME do`,
    );
  return { word: `route.${name}.${found.word}`, known: found.known };
}

function own<T>(words: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined;
}
