import type { FastifyReply } from 'fastify';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { toProblem } from '../lib/problem.ts';
import type { Route } from './route.ts';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function sendProblem(reply: FastifyReply, error: EnvoyageError): void {
  const problem = error.code === 'internal' ? { ...toProblem(error), detail: 'see the log of the daemon' } : toProblem(error);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** What the HTTP library threw, in the words of the catalogue; `internal` is left for what nobody foresaw. */
export function asError(thrown: unknown, maxBodyBytes: number): EnvoyageError {
  if (thrown instanceof EnvoyageError) return thrown;
  const code = systemCode(thrown);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new EnvoyageError('body-too-large', `the body is larger than ${maxBodyBytes} bytes`, {
      hint: 'send fewer services at once, or start with --max-body-bytes BYTES',
    });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return notJson();
  if (code === 'FST_ERR_BAD_URL')
    return new EnvoyageError('invalid-request', 'the path has a % that is not followed by the code of a character', { hint: 'write %25 for a % in an id' });
  // The others that it blames on the client, a body that broke off among them.
  const status = typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? Number(thrown.statusCode) : 500;
  if (status >= 400 && status < 500)
    return new EnvoyageError('invalid-request', thrown instanceof Error ? thrown.message : 'the request is malformed', { cause: thrown });
  return EnvoyageError.from(thrown);
}

/** @param types that are understood */
export function notJson(types: readonly string[] = []): EnvoyageError {
  const isYaml = types.some((type) => type.includes('yaml'));
  return new EnvoyageError('unsupported-media-type', `the body must be JSON${isYaml ? ' or YAML' : ''}, uncompressed`, {
    hint: `send it with Content-Type: application/json${isYaml ? ', or application/yaml' : ''}`,
  });
}

/** What is asked of a path that does not take it; `allow` lists the methods that it takes, none where there is no such path. */
export function notRouted(routes: readonly Route[], method: string, url: string): { readonly error: EnvoyageError; readonly allow: readonly string[] } {
  const path = url.split('?')[0] ?? '';
  const allow = routes.filter((each) => matches(each.path, path)).flatMap((each) => (each.method === 'GET' ? ['GET', 'HEAD'] : [each.method]));
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  const hint = 'GET /openapi.json lists what there is';
  if (allow.length > 0) return { allow, error: new EnvoyageError('method-not-allowed', `${shown} takes ${allow.join(', ')}, not ${method}`, { hint }) };
  const paths = routes.map((each) => each.path);
  return { allow, error: new EnvoyageError('not-found', `there is nothing at ${shown}${didYouMean(path, paths)}`, { hint }) };
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
}

/** The answer, as bytes, to what Node could not read as a request. */
export function unreadable(thrown: Error): string {
  const code = systemCode(thrown);
  const detail =
    code === 'HPE_HEADER_OVERFLOW'
      ? 'the head of the request is larger than 16 KiB'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'the request did not arrive in time'
        : `this is not a request of HTTP/1.1: ${thrown.message.replace(/^Parse Error: /, '')}`;
  const body = JSON.stringify(toProblem(new EnvoyageError('invalid-request', detail)));
  return `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
