/** A secret as it is stored and shown: encrypted, by whoever holds the key of this installation (registry/sealer.ts). */

const SEALED = /^sealed:v1:[A-Za-z0-9_-]{40,}$/;

/** The beginning says what it is and in which form, so that another form can join this one. */
export const SEALED_PREFIX = 'sealed:v1:';

export function isSealed(text: string): boolean {
  return SEALED.test(text);
}
