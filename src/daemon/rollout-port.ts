import type { RolloutPort } from '../api/ports.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { KNOWN_TYPES, shortName } from '../xds/types.ts';

/** The rollout as the API asks for it. */
export function rolloutPort(rollout: Rollout, xdsUrl: string): RolloutPort {
  const none = Object.fromEntries(KNOWN_TYPES.map((type) => [shortName(type), { sent: 0, acked: 0, rejected: 0 }]));
  return {
    rollout: (revision, wait) => rollout.progress(revision, wait),
    resend: (id, wait) => rollout.resend(id, wait),
    nodes: () => rollout.nodes(),
    stats: () => {
      const { lastUpdate, updateCount, nodes, streams, types } = rollout.stats();
      return {
        last_update: lastUpdate?.toISOString() ?? null,
        update_count: updateCount,
        xds_server_url: xdsUrl,
        nodes,
        streams,
        types: { ...none, ...types },
      };
    },
  };
}
