import { EnvoyageError } from '../lib/errors.ts';
import { keyOf, titleOf, type Wish } from '../model/kinds.ts';
import { parseWish } from '../model/schemas.ts';
import { type Document, parseDocuments, type TextFault } from './parse.ts';

/** A text with what people call it: the path as they gave it, `-` for what came through a pipe. */
export interface Text {
  readonly file: string;
  readonly text: string;
}

/** An object with the document that said it. */
export interface Declared {
  readonly wish: Wish;
  readonly document: Document;
}

export interface ReadObjects {
  readonly objects: readonly Declared[];
  /** In the order of the texts. */
  readonly faults: readonly TextFault[];
}

/**
 * The object that a document declares, its kind decides by which schema.
 * @throws EnvoyageError invalid-object; `errors` have `file:line:column` as their field
 */
export function parseObject(document: Document): Wish {
  try {
    return parseWish(document.value);
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    throw invalidObjects(faultsOf(thrown, document), thrown);
  }
}

/** All objects in the texts, and all that is wrong with the others: one bad document keeps none of the rest. */
export function readObjects(texts: readonly Text[]): ReadObjects {
  const objects = new Map<string, Declared>();
  const faults: TextFault[] = [];
  for (const { file, text } of texts) {
    const parsed = parseDocuments(text, file);
    faults.push(...parsed.faults);
    for (const document of parsed.documents) {
      try {
        const wish = parseWish(document.value);
        const key = keyOf(wish);
        const twin = objects.get(key);
        if (twin === undefined) objects.set(key, { wish, document });
        else
          faults.push({
            origin: document.origin,
            message: `${titleOf(key)} is declared twice, at ${twin.document.origin} too: leave one of the two out, or give it another name`,
          });
      } catch (thrown) {
        if (!(thrown instanceof EnvoyageError)) throw thrown;
        faults.push(...faultsOf(thrown, document));
      }
    }
  }
  return { objects: [...objects.values()], faults };
}

/** The faults of an object, each where it is in the text. */
export function faultsOf({ errors, message }: EnvoyageError, { origin, positionOf }: Document): TextFault[] {
  if (errors.length === 0) return [{ origin, message }];
  return errors.map((error) => ({ origin: positionOf(error.field), message: error.field === '' ? error.message : `${named(error.field)}: ${error.message}` }));
}

/** `/endpoints/0` as people say it: `endpoints[0]`. */
function named(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '');
}

/** Faults as one error; each says its own place. */
export function invalidObjects(faults: readonly TextFault[], cause?: unknown): EnvoyageError {
  const message = faults.map((fault) => `${fault.origin}: ${fault.message}`).join('; ');
  return new EnvoyageError('invalid-object', message, {
    hint: 'envoyage schema prints what every kind of object may say',
    errors: faults.map((fault) => ({ field: fault.origin, message: fault.message })),
    cause,
  });
}
