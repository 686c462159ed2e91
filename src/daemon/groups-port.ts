import type { GroupsPort } from '../api/ports.ts';
import type { Logger } from '../lib/logger.ts';
import type { Moves } from '../registry/registry.ts';
import type { Rollout } from '../rollout/rollout.ts';

/** Groups as the API asks for them: what is to outlive the daemon goes to the registry first, then the Envoy is told. */
export function groupsPort(moves: Moves, rollout: Rollout, logger: Logger): GroupsPort {
  return {
    of: (node) => {
      const placement = rollout.placement(node);
      const move = moves.get(node);
      if (placement !== undefined) return { placement };
      return move === undefined ? undefined : { placement: { group: move.group, from: 'move', at: move.at, by: move.by } };
    },
    moved: () => moves.list(),
    move: (node, group, author) => {
      moves.put(node, group, author);
      logger.info({ node, group, author }, 'envoy moved');
      rollout.regroup(node);
    },
    undo: (node, author) => {
      moves.delete(node);
      logger.info({ node, author }, 'envoy not moved any more');
      rollout.regroup(node);
    },
    arrival: (node, wait) => rollout.arrival(node, wait),
  };
}
