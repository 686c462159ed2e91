import type { Stored, Wish } from '../../model/kinds.ts';
import { documentOf } from '../../model/schemas.ts';
import { said } from '../../model/words.ts';
import type { ApiObject, ObjectDocument } from '../types.ts';

/** An object as the API shows it: as people write it, with what the registry adds. Keys are sealed from the registry on. */
export function shown(stored: Stored): ApiObject {
  const { revision, createdAt, updatedAt, updatedBy, origin, provider } = stored;
  return { ...document(stored), revision, createdAt, updatedAt, updatedBy, ...said({ origin, provider }) };
}

export function document(wish: Wish): ObjectDocument {
  return documentOf(wish) as unknown as ObjectDocument;
}
