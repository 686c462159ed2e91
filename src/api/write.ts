import type { Committed, Edit } from '../model/edit.ts';
import { askEnvoy } from './ask-envoy.ts';
import type { ApiPorts } from './ports.ts';
import type { EnvoyVerdict } from './types.ts';

export interface WriteOptions {
  /** Everything is checked and nothing is changed. */
  readonly dryRun?: boolean;
  /** A real Envoy is asked first, also where the daemon does not do so by itself. */
  readonly envoy?: boolean;
}

export interface Written extends Committed {
  /** Where a real Envoy was asked. */
  readonly envoy?: readonly EnvoyVerdict[];
}

/**
 * The one way of everything that the API changes.
 * @param plan makes the edits of what is there now; called again once Envoy was asked, since others do not wait meanwhile
 * @throws EnvoyageError what the registry throws; envoy-rejected
 */
export type Write = (plan: () => readonly Edit[], author: string, options?: WriteOptions) => Promise<Written>;

/** Where Envoy is asked each time, one write waits for the other: what it was asked about is what is committed. */
export function createWrite({ services, envoyCheck }: Pick<ApiPorts, 'services' | 'envoyCheck'>): Write {
  const write: Write = async (plan, author, { dryRun = false, envoy = false } = {}) => {
    if (!envoy && !envoyCheck.always) return services.commit(plan(), author, { dryRun });
    const verdicts = await askEnvoy(envoyCheck, services.commit(plan(), author, { dryRun: true }));
    return { ...services.commit(plan(), author, { dryRun }), envoy: verdicts };
  };
  if (!envoyCheck.always) return write;
  let last: Promise<unknown> = Promise.resolve();
  return (...what) => {
    const turn = last.then(() => write(...what));
    last = turn.catch(() => undefined);
    return turn;
  };
}
