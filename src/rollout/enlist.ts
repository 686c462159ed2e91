import type { Placement } from '../model/placement.ts';
import type { Client } from '../xds/server.ts';
import { NodeRecord } from './node.ts';

/** Nodes that are gone stay listed, the latest of them. */
const MOST_GONE = 1000;

/** Notes of a client that comes who it is and where it belongs, in the list of all nodes. */
export function enlist(nodes: Map<string, NodeRecord>, client: Client, placement: Placement, own: Placement): NodeRecord {
  const { id, userAgent, version } = client.node;
  let node = nodes.get(id);
  if (node === undefined || !node.connected) {
    // One that comes back is listed last, and begins a new story.
    nodes.delete(id);
    node = new NodeRecord(id, new Date(), own);
    nodes.set(id, node);
    forgetOldest(nodes);
  }
  node.own = own;
  node.placement = placement;
  node.group = placement.group;
  node.agent = [userAgent, version].filter((part) => part !== '').join(' ');
  node.address = client.address;
  return node;
}

function forgetOldest(nodes: Map<string, NodeRecord>): void {
  const gone = [...nodes.values()].filter((node) => !node.connected);
  for (const { id } of gone.slice(0, Math.max(0, gone.length - MOST_GONE))) nodes.delete(id);
}
