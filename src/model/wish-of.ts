import type { Stored, Wish } from './kinds.ts';

/** What people said, without what the registry adds to it. */
export function wishOf<W extends Wish>(object: W): W {
  const {
    revision: _revision,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    updatedBy: _updatedBy,
    origin: _origin,
    provider: _provider,
    ...wish
  } = object as W & Partial<Stored>;
  return wish as unknown as W;
}
