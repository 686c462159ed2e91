import { EnvoyageError, systemCode } from '../lib/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
};

const HOW_TO_START = 'start one with `envoyage serve`, or name another with --server URL';
const HOW_TO_TRUST = 'name the authority to trust with NODE_EXTRA_CA_CERTS=FILE';

/** What went wrong on the way, from what fetch threw: its own message is always "fetch failed". */
export function unreachable(server: string, thrown: unknown, timeoutMs: number): EnvoyageError {
  return new EnvoyageError('daemon-unreachable', `no daemon answers at ${server} (${reasonOf(thrown, timeoutMs)})`, {
    hint: /CERT|ISSUER|SELF_SIGNED/.test(systemCode(causeOf(thrown)) ?? '') ? HOW_TO_TRUST : HOW_TO_START,
    cause: thrown,
  });
}

/** Why nothing came, in words. */
export function reasonOf(thrown: unknown, timeoutMs: number): string {
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return `nothing came within ${timeoutMs / 1000} s`;
  const cause = causeOf(thrown);
  return REASONS[systemCode(cause) ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
}

/** Something answered that is no Envoyage. */
export function stranger(server: string, response: { status: number; headers: Headers }): EnvoyageError {
  const type = response.headers.get('content-type')?.split(';')[0] ?? 'no content type';
  return new EnvoyageError('daemon-unreachable', `no daemon answers at ${server} (something else does: HTTP ${response.status}, ${type})`, {
    hint: HOW_TO_START,
  });
}
