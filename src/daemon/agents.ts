import { readFileSync } from 'node:fs';
import { parseAgentTokens } from '../config/agent-tokens.ts';
import type { Options } from '../config/options.ts';
import { invalidConfig } from '../config/source.ts';
import type { Logger } from '../lib/logger.ts';
import { Agents } from '../providers/agents/agents.ts';
import type { Times } from '../providers/agents/ended.ts';
import type { AgentStore } from '../providers/agents/store.ts';
import type { Registry } from '../registry/registry.ts';
import { watchFiles } from './watched-files.ts';

type Tokens = ReturnType<typeof parseAgentTokens>;

/** The agents of other hosts, with what they said last; undefined where none are taken. @throws EnvoyageError store-failed */
export function openAgents({ agents: isTaken, agentTokenFile }: Options, registry: Registry, times: Times, logger: Logger): Agents | undefined {
  if (!isTaken && agentTokenFile === undefined) return undefined;
  const agents = new Agents({
    store: storeIn(registry),
    times,
    onNews: ({ name, peer, instance }, news) => logger[news === 'lost' ? 'warn' : 'info']({ agent: name, peer, instance }, `agent ${news}`),
    onError: (thrown) => logger.error({ err: thrown }, 'what agents said could not be written'),
  });
  agents.open();
  return agents;
}

/** `by` says nothing here: who may speak for a host is asked each time. */
function storeIn({ deposits }: Registry): AgentStore {
  return {
    load: () => deposits.list('agent'),
    save: (name, body) => deposits.put({ kind: 'agent', name, body, ttl: undefined, by: `agent@${name}`, at: new Date().toISOString() }),
    drop: (name) => deposits.delete('agent', name),
  };
}

/**
 * The tokens of agents, which follow their file: a change that is not valid is logged, and what was valid stays in force.
 * @throws EnvoyageError invalid-config; the system's error where the file cannot be read
 */
export function followAgentTokens(file: string, logger: Logger): { tokens(): Tokens; close(): void } {
  const text = readFileSync(file, 'utf8');
  const read = (contents: string | undefined): Tokens | string => {
    if (contents === undefined) return 'cannot be read';
    try {
      return parseAgentTokens(contents);
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown);
    }
  };
  const first = read(text);
  if (typeof first === 'string') throw invalidConfig([{ name: 'agent-token-file', message: `--agent-token-file "${file}" ${first}` }]);
  let current = first;
  const close = watchFiles([file], [text], ([contents]) => {
    const next = read(contents);
    if (typeof next === 'string') {
      logger.error({ file, fault: next }, 'tokens of agents are not replaced: what was read before stays in force');
      return;
    }
    current = next;
    logger.info({ file, tokens: next.length }, 'tokens of agents were read again');
  });
  return { tokens: () => current, close };
}
