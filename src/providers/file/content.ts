import { faultsOf } from '../../documents/objects.ts';
import { type Document, parseDocuments, type TextFault } from '../../documents/parse.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { keyOf } from '../../model/kinds.ts';
import { declaredTwice } from '../declarations.ts';
import { parsedWish } from '../parsed.ts';
import type { Declaration, Problem } from '../provider.ts';

/** What a file declares. */
export interface Content {
  /** In the order of the file, and by key: an object that is said twice is here once, as it was said first. */
  readonly objects: ReadonlyMap<string, Declaration>;
  readonly problems: readonly Problem[];
  /** Something of it cannot be read: what it said before and does not say now may be just that, so it stays. */
  readonly faulty: boolean;
}

export const NOTHING: Content = { objects: new Map(), problems: [], faulty: false };

/**
 * Reads a text as far as it can be read. What the file said before stays where a part of the text is wrong, and where nothing
 * is left of it at all: whoever truncates a file before writing it leaves it so for a while.
 * @param before what the file said when it was last read
 */
export function readContent(path: string, text: string, before: Content): Content {
  if (text.trim() === '') return keeping(before, [emptyFile(path)]);
  const { documents, faults } = parseDocuments(text, path);
  const objects = new Map<string, Declaration>();
  const problems = faults.map((fault) => invalid(fault));
  documents.forEach((document, index) => {
    try {
      const key = keyOf(parsedWish(document.value));
      const declaration = declarationOf(path, text, document, index);
      const twin = objects.get(key);
      if (twin === undefined) objects.set(key, declaration);
      else problems.push(declaredTwice(key, declaration, twin));
    } catch (thrown) {
      if (!(thrown instanceof EnvoyageError)) throw thrown;
      problems.push(...faultsOf(thrown, document).map((fault) => invalid(fault)));
    }
  });
  const faulty = problems.some(({ code }) => code !== 'declared-twice');
  const content = { objects, problems, faulty };
  return faulty ? { ...content, objects: new Map([...before.objects, ...objects]) } : content;
}

/** What was said before, with what keeps it from being read anew. */
export function keeping(before: Content, problems: readonly Problem[]): Content {
  return { objects: before.objects, problems, faulty: true };
}

/** Parsed documents are several times as large as their text, so the text is kept, and read again for a place in it. */
function declarationOf(path: string, text: string, { value, origin }: Document, index: number): Declaration {
  return { object: value, origin, placeOf: (pointer) => parseDocuments(text, path).documents[index]?.positionOf(pointer) };
}

function invalid({ origin, message }: TextFault): Problem {
  return { code: 'invalid-object', origin, message, hint: 'envoyage schema prints what every kind of object may say' };
}

function emptyFile(path: string): Problem {
  const message = 'the file is empty, and what it said before stays';
  return { code: 'unreadable', origin: path, message, hint: 'delete the file, or leave a comment in it, to take its objects away' };
}
