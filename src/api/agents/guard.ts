import { createHash, timingSafeEqual } from 'node:crypto';
import { EnvoyageError } from '../../lib/errors.ts';

/** A token that opens the paths of an agent, and nothing else. */
export interface AgentToken {
  /** `*` for any agent. */
  readonly name: string;
  /** SHA-256 of the token. */
  readonly hash: Buffer;
}

/** What agents ask for is below it; the list of them, which is for people, is not. */
const PREFIX = '/api/v1/agents/';

/** The agent that a path is about; undefined for any other path. */
export function agentIn(path: string): string | undefined {
  if (!path.startsWith(PREFIX)) return undefined;
  const [name = ''] = path.slice(PREFIX.length).split('/', 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/**
 * Whether who sent `token` may speak for an agent.
 * @param given the token; empty where there was none
 * @throws EnvoyageError unauthorized, agent-refused
 */
export function guardAgent(agent: string, given: string, tokens: readonly AgentToken[]): void {
  const hash = createHash('sha256').update(given).digest();
  const shown = JSON.stringify(agent.slice(0, 128));
  // Looks at all of them, so that the time it takes says nothing.
  let found: AgentToken | undefined;
  for (const token of tokens) if (timingSafeEqual(token.hash, hash)) found = token;
  if (found === undefined || given === '') {
    throw new EnvoyageError(
      'unauthorized',
      given === '' ? `agent ${shown} sent no token` : `the token that agent ${shown} sent is not one of --agent-token-file`,
      {
        hint: 'envoyage agent --token-file FILE …, with a token that stands in the file that the daemon was started with',
      },
    );
  }
  if (found.name === '*' || found.name === agent) return;
  throw new EnvoyageError('agent-refused', `the token is that of agent ${JSON.stringify(found.name)}, and does not speak for ${shown}`, {
    hint: `give the agent a token of its own, or call it what its token says: envoyage agent --name ${found.name} …`,
  });
}
