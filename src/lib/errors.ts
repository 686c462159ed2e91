/**
 * Every error that a user can meet, in one catalogue. The HTTP status is the one its problem document carries
 * (RFC 9457); docs/errors.md explains each code, and a test fails where it lacks one.
 */
export const ERRORS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-object': { status: 400, title: 'An object is not valid' },
  'invalid-backup': { status: 400, title: 'The backup cannot be restored' },
  'invalid-config': { status: 400, title: 'The configuration is not valid' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  'host-not-allowed': { status: 403, title: 'The Host or Origin of the request is not allowed' },
  'agent-refused': { status: 403, title: 'The agent is not let in' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'service-not-found': { status: 404, title: 'There is no such service' },
  'node-not-found': { status: 404, title: 'There is no such Envoy' },
  'agent-not-found': { status: 404, title: 'There is no such agent' },
  'object-not-found': { status: 404, title: 'There is no such object' },
  'provider-not-found': { status: 404, title: 'There is no such provider' },
  'override-not-found': { status: 404, title: 'There is no such override' },
  'endpoint-not-found': { status: 404, title: 'The service has no such endpoint' },
  'revision-not-found': { status: 404, title: 'There is no such revision' },
  'owned-by-people': { status: 409, title: 'The object comes from no provider' },
  'service-exists': { status: 409, title: 'The service exists already' },
  'host-taken': { status: 409, title: 'The host belongs to another service' },
  'name-taken': { status: 409, title: 'The name belongs to another object' },
  'address-taken': { status: 409, title: 'The address belongs to another listener' },
  'reference-missing': { status: 409, title: 'It refers to something that is not there' },
  'owned-by-provider': { status: 409, title: 'The object comes from a provider' },
  shadowed: { status: 409, title: 'Somebody else has it already' },
  'still-in-use': { status: 409, title: 'Something else refers to it' },
  'agent-conflict': { status: 409, title: 'Another agent speaks for the host' },
  'precondition-failed': { status: 412, title: 'The object changed in the meantime' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not understood' },
  'too-many-listeners': { status: 503, title: 'Too many listen to events' },
  'envoy-rejected': { status: 422, title: 'A real Envoy refuses it' },
  internal: { status: 500, title: 'Something went wrong inside Envoyage' },
  'store-failed': { status: 503, title: 'The change could not be written to disk' },
  'store-unusable': { status: 503, title: 'The database cannot be used' },
  'data-dir-unusable': { status: 503, title: 'The data folder cannot be used' },
  'secret-key-unusable': { status: 503, title: 'The key that seals secrets cannot be used' },
  'address-in-use': { status: 503, title: 'The address is in use' },
  'address-unavailable': { status: 503, title: 'The address cannot be listened on' },
  'insecure-address': { status: 400, title: 'The address is not safe to listen on as configured' },
  'daemon-unreachable': { status: 503, title: 'No daemon answers' },
  'admin-unreachable': { status: 503, title: 'The admin port of the Envoy does not answer' },
  'envoy-not-found': { status: 503, title: 'No Envoy program was found' },
  'envoy-failed': { status: 503, title: 'Envoy ended' },
  'temp-dir-unusable': { status: 503, title: 'No folder for temporary files can be used' },
  'method-not-allowed': { status: 405, title: 'The path does not take this method' },
  usage: { status: 400, title: 'The command line is not valid' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One field of the input that is wrong. `field` is a JSON pointer (RFC 6901) into what was sent. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An error that a user is meant to read: what is wrong, where, and how to mend it. */
export class EnvoyageError extends Error {
  override readonly name = 'EnvoyageError';
  readonly code: ErrorCode;
  /** The command or edit that mends it. */
  readonly hint: string | undefined;
  readonly errors: readonly FieldError[];

  constructor(code: ErrorCode, message: string, more: { hint?: string | undefined; errors?: readonly FieldError[]; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.errors = more.errors ?? [];
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whatever was thrown, as an EnvoyageError; what is not ours becomes `internal` with the original as its cause. */
  static from(thrown: unknown): EnvoyageError {
    if (thrown instanceof EnvoyageError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new EnvoyageError('internal', message, { cause: thrown });
  }
}

/** The system's error code (`EADDRINUSE`, …) of something thrown, where it has one. */
export function systemCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
