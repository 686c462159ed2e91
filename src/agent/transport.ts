import { Agent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { isProblem, problemError } from '../lib/problem.ts';
import { VERSION } from '../lib/version.ts';
import type { AgentAnswer } from '../model/agent-status.ts';
import type { Renewal, Report, Speaker } from '../providers/agents/message.ts';

/** The daemon, for one agent. All throw its own EnvoyageError, or daemon-unreachable. */
export interface Transport {
  put(report: Report): Promise<AgentAnswer>;
  renew(renewal: Renewal): Promise<AgentAnswer>;
  leave(speaker: Speaker): Promise<void>;
  close(): void;
}

export interface TransportOptions {
  readonly server: URL;
  readonly name: string;
  /** Asked before each request, so that a token that was replaced is the next one. */
  token(): string | undefined;
  /** PEM; the system's authorities unless given. */
  readonly ca?: string | undefined;
  /** How long an answer may take, milliseconds. */
  readonly answerMs: number;
}

/** Far more than any answer. */
const MOST_ANSWER_BYTES = 64 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const { server, name } = options;
  const isTls = server.protocol === 'https:';
  // One connection, kept; what goes wrong on it ends it, and the next request makes another one.
  const kept = { keepAlive: true, maxSockets: 1 };
  const agent = isTls ? new TlsAgent({ ...kept, minVersion: 'TLSv1.2', ...(options.ca === undefined ? {} : { ca: options.ca }) }) : new Agent(kept);
  const path = `${server.pathname === '/' ? '' : server.pathname}/api/v1/agents/${encodeURIComponent(name)}`;
  const ask = async (method: string, at: string, body?: unknown): Promise<unknown> => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const token = options.token();
    const headers = {
      accept: 'application/json, application/problem+json',
      'user-agent': `envoyage-agent/${VERSION}`,
      ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const signal = AbortSignal.timeout(options.answerMs);
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const sent = (isTls ? tlsRequest : plainRequest)(new URL(`${server.origin}${at}`), { method, headers, agent, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MOST_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(bytes);
    const { status, text } = await promise.catch((thrown: unknown) => {
      throw unreachable(server, thrown, options.answerMs);
    });
    const value = parse(text);
    if (isProblem(value)) throw problemError(value);
    if (status === 200 && typeof value === 'object' && value !== null) return value;
    throw new EnvoyageError('daemon-unreachable', `no daemon answers at ${server.origin} (something else does: HTTP ${status})`);
  };
  return {
    put: (report) => ask('PUT', path, report) as Promise<AgentAnswer>,
    renew: (renewal) => ask('POST', `${path}/lease`, renewal) as Promise<AgentAnswer>,
    leave: async ({ instance, run }) => {
      await ask('DELETE', `${path}?instance=${instance}&run=${run}`);
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const NOT_TRUSTED = /CERT|ISSUER|SELF_SIGNED|UNABLE_TO_VERIFY/;

function unreachable({ origin }: URL, thrown: unknown, answerMs: number): EnvoyageError {
  const timedOut = thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
  if (systemCode(thrown) === 'EPROTO' && /wrong version number|packet length/.test(String(thrown))) {
    const hint = '--join http://…, or give the daemon a certificate';
    return new EnvoyageError('daemon-unreachable', `what answers at ${origin} does not speak TLS`, { hint, cause: thrown });
  }
  const reason = timedOut ? `nothing came within ${answerMs / 1000} s` : thrown instanceof Error ? thrown.message || systemCode(thrown) : String(thrown);
  return new EnvoyageError('daemon-unreachable', `no daemon answers at ${origin} (${reason})`, {
    hint: NOT_TRUSTED.test(systemCode(thrown) ?? '') ? 'name the authority to trust with --ca FILE' : 'it is tried again',
    cause: thrown,
  });
}
