import { shortName } from '../xds/types.ts';
import type { Fleet } from './fleet.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import type { Publication, Publications } from './publications.ts';

/** How far a revision has come, over all Envoys that it goes to. */
export interface Progress {
  readonly revision: number;
  readonly state: 'live' | 'pending' | 'rejected' | 'no-envoys';
  readonly nodes: number;
  readonly acked: number;
  readonly pending: readonly string[];
  readonly rejected: readonly { readonly node: string; readonly type: string; readonly message: string }[];
  readonly elapsedMs: number;
}

/** Which publication of each view is meant. */
export type Target = ReadonlyMap<Publications, Publication>;

/** As many nodes are named; a thousand names help nobody. */
const MOST_NAMED = 20;

/** The publications that hold a revision, in the views that it touched. */
export function targetOf(fleet: Fleet, revision: number): Target {
  const target = new Map<Publications, Publication>();
  for (const { publications } of fleet.views) {
    const publication = publications.holding(revision);
    if (publication !== undefined) target.set(publications, publication);
  }
  return target;
}

/** The newest publication of every view. */
export function newestTarget(fleet: Fleet): Target {
  const target = new Map<Publications, Publication>();
  for (const { publications } of fleet.views) if (publications.newest !== undefined) target.set(publications, publications.newest);
  return target;
}

/** What a stream made of a publication: it waits for nothing more, refused some of it, or has not answered in full. */
export function outcome(stream: StreamRecord, { seq }: Publication): 'acked' | 'rejected' | 'pending' {
  for (const { rejection } of stream.node.types.values()) {
    if (rejection !== undefined && rejection.frame.from < seq && seq <= rejection.frame.seq) return 'rejected';
  }
  return stream.settledSeq >= seq ? 'acked' : 'pending';
}

export function progress(fleet: Fleet, revision: number, target: Target): Progress {
  const nodes = new Map<NodeRecord, 'acked' | 'rejected' | 'pending'>();
  let last = 0;
  let started = Number.POSITIVE_INFINITY;
  for (const { publications, streams } of fleet.views) {
    const publication = target.get(publications);
    if (publication === undefined) continue;
    last = Math.max(last, publication.completedAt ?? performance.now());
    started = Math.min(started, publication.acceptedAt);
    for (const stream of streams) {
      const made = outcome(stream, publication);
      const known = nodes.get(stream.node);
      if (known === undefined || made === 'rejected' || (made === 'pending' && known === 'acked')) nodes.set(stream.node, made);
    }
  }
  const pending = [...nodes].filter(([, made]) => made === 'pending').map(([{ id }]) => id);
  const refusing = [...nodes].filter(([, made]) => made === 'rejected').map(([node]) => node);
  return {
    revision,
    state: nodes.size === 0 ? 'no-envoys' : pending.length > 0 ? 'pending' : refusing.length > 0 ? 'rejected' : 'live',
    nodes: nodes.size,
    acked: nodes.size - pending.length - refusing.length,
    pending: pending.slice(0, MOST_NAMED),
    rejected: refusing.flatMap(refusals).slice(0, MOST_NAMED),
    elapsedMs: nodes.size === 0 ? 0 : Math.max(0, Math.round((last - started) * 10) / 10),
  };
}

function refusals(node: NodeRecord): { node: string; type: string; message: string }[] {
  return node.rejections().map(({ type, rejection }) => ({ node: node.id, type: shortName(type), message: rejection?.error.message ?? '' }));
}
