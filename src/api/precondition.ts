import { EnvoyageError } from '../lib/errors.ts';
import { titleOf } from '../model/kinds.ts';

/** Entity tags and what they guard, RFC 9110 §8.8.3 and §13.1. The tag of a service is the revision that last changed it. */
export function etag(revision: number): string {
  return `"${revision}"`;
}

/** What the headers If-Match and If-None-Match ask of a change. */
export interface Precondition {
  /** The revision that the service must still have. */
  readonly revision: number | undefined;
  /** Whether there must be one already, or must not be. */
  readonly existence: 'present' | 'absent' | undefined;
}

/**
 * Reads the preconditions of a change: `If-Match: "12"`, `If-Match: *`, `If-None-Match: *`. Anything else is refused:
 * a guard that is passed over guards nothing.
 * @throws EnvoyageError invalid-request
 */
export function preconditionOf({ ifMatch, ifNoneMatch }: { readonly ifMatch: string | undefined; readonly ifNoneMatch: string | undefined }): Precondition {
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')
    throw notUnderstood('If-None-Match', ifNoneMatch, 'send If-None-Match: * to create a service only where there is none');
  if (ifNoneMatch !== undefined && ifMatch !== undefined) throw notUnderstood('If-None-Match', ifNoneMatch, 'send either If-Match or If-None-Match');
  if (ifNoneMatch !== undefined) return { revision: undefined, existence: 'absent' };
  if (ifMatch === undefined) return { revision: undefined, existence: undefined };
  if (ifMatch.trim() === '*') return { revision: undefined, existence: 'present' };
  const number = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (number === undefined) throw notUnderstood('If-Match', ifMatch, 'send the ETag of a GET as it came, as in If-Match: "12"');
  return { revision: Number(number), existence: 'present' };
}

/** @throws EnvoyageError precondition-failed */
export function requireExistence(id: string, exists: boolean, { existence }: Precondition): void {
  if (existence === 'present' && !exists) {
    throw new EnvoyageError('precondition-failed', `there is no ${titleOf(id)}, and If-Match asks for one`, {
      hint: 'send the change without If-Match to make it',
    });
  }
  if (existence === 'absent' && exists) {
    throw new EnvoyageError('precondition-failed', `${titleOf(id)} exists already, and If-None-Match asks for none`, {
      hint: 'send the change without If-None-Match to replace it',
    });
  }
}

/** True where `If-None-Match` names the tag that the client would get: it has the answer already. */
export function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const known = ifNoneMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known.includes(tag) || known.includes('*');
}

function notUnderstood(header: string, value: string, hint: string): EnvoyageError {
  return new EnvoyageError('invalid-request', `${header}: ${value.slice(0, 40)} is not understood here`, { hint });
}
