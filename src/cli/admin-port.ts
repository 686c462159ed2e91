import { EnvoyageError } from '../lib/errors.ts';
import { reasonOf } from './unreachable.ts';

/** A large Envoy has much to write. */
const ANSWER_MS = 60_000;

/** What an Envoy's admin port says of it. */
export interface AdminPort {
  /** `node.id` of the Envoy; empty where it does not say. */
  nodeId(): Promise<string>;
  configDump(): Promise<unknown>;
}

/** @param url as in `http://127.0.0.1:9901`. Both throw EnvoyageError admin-unreachable */
export function adminPort(url: string): AdminPort {
  const ask = async (path: string): Promise<unknown> => {
    const fail = (reason: string, cause?: unknown): EnvoyageError =>
      new EnvoyageError('admin-unreachable', `no Envoy answers at ${url} (${reason})`, {
        hint: 'name its admin port with --admin HOST:PORT; envoyage bootstrap --admin-address gives it one',
        cause,
      });
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
      text = await response.text();
    } catch (thrown) {
      throw fail(reasonOf(thrown, ANSWER_MS), thrown);
    }
    if (!response.ok) throw fail(`something answers ${path} with HTTP ${response.status}`);
    try {
      return JSON.parse(text) as unknown;
    } catch (thrown) {
      throw fail(`what answers ${path} is no JSON`, thrown);
    }
  };
  return {
    async nodeId() {
      const { node } = ((await ask('/server_info')) ?? {}) as { node?: { id?: string } };
      return node?.id ?? '';
    },
    configDump: () => ask('/config_dump?include_eds'),
  };
}
