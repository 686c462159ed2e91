import { type EnvoyageError, ERRORS, type ErrorCode, type FieldError } from './errors.ts';

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
