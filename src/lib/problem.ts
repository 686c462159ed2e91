import { EnvoyageError, ERRORS, type ErrorCode, type FieldError } from './errors.ts';

/** A problem document, `application/problem+json` (RFC 9457), with `code`, `hint` and `errors` as extension members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_TYPE_PREFIX = 'urn:envoyage:problem:';

export function toProblem(error: EnvoyageError): Problem {
  const { title, status } = ERRORS[error.code];
  return {
    type: PROBLEM_TYPE_PREFIX + error.code,
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
  };
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'status' in value && 'detail' in value;
}

/** What a daemon answered. A newer one may have codes that this program does not know: the nearest one by status stands in. */
export function problemError({ code, status, detail, hint, errors }: Problem): EnvoyageError {
  const known: ErrorCode = Object.hasOwn(ERRORS, code) ? code : standIn(status);
  return new EnvoyageError(known, detail, { hint, errors: errors ?? [] });
}

function standIn(status: number): ErrorCode {
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'precondition-failed';
  return status < 500 ? 'invalid-request' : 'internal';
}
