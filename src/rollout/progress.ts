import { shortName } from '../xds/types.ts';
import type { Fleet } from './fleet.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import type { StandingRejection } from './observed.ts';
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
export function outcome(stream: StreamRecord, publication: Publication): 'acked' | 'rejected' | 'pending' {
  if (refusals(stream, publication).length > 0) return 'rejected';
  return stream.settledSeq >= publication.seq ? 'acked' : 'pending';
}

/** The refusals of something that the publication holds. */
function refusals(stream: StreamRecord, { seq }: Publication): StandingRejection[] {
  return [...stream.rejections.values()].filter(({ from, answer }) => from < seq && seq <= answer.seq);
}

export function progress(fleet: Fleet, revision: number, target: Target): Progress {
  const nodes = new Map<NodeRecord, 'acked' | 'rejected' | 'pending'>();
  const rejected: Progress['rejected'][number][] = [];
  let last = 0;
  let started = Number.POSITIVE_INFINITY;
  for (const { publications, streams, parked } of fleet.views) {
    const publication = target.get(publications);
    if (publication === undefined) continue;
    const refused = [...parked()].filter((entry) => entry.revision === revision);
    // Lanes of one group have the same parked.
    for (const { node, type, message } of refused)
      if (!rejected.some((each) => each.node === node && each.type === type && each.message === message)) rejected.push({ node, type, message });
    last = Math.max(last, publication.completedAt ?? performance.now());
    started = Math.min(started, publication.acceptedAt);
    for (const stream of streams) {
      const answered = outcome(stream, publication);
      // Parked for all of them, whoever refused it.
      const made = answered === 'acked' && refused.length > 0 ? 'rejected' : answered;
      const known = nodes.get(stream.node);
      if (known === undefined || made === 'rejected' || (made === 'pending' && known === 'acked')) nodes.set(stream.node, made);
      for (const { answer, error } of refusals(stream, publication)) {
        const refusal = { node: stream.node.id, type: shortName(answer.type), message: error.message };
        if (!refused.some(({ node, type }) => node === refusal.node && type === refusal.type)) rejected.push(refusal);
      }
    }
  }
  const pending = [...nodes].filter(([, made]) => made === 'pending').map(([{ id }]) => id);
  const refusing = [...nodes.values()].filter((made) => made === 'rejected').length;
  return {
    revision,
    state: nodes.size === 0 ? 'no-envoys' : pending.length > 0 ? 'pending' : refusing > 0 ? 'rejected' : 'live',
    nodes: nodes.size,
    acked: nodes.size - pending.length - refusing,
    pending: pending.slice(0, MOST_NAMED),
    rejected: rejected.slice(0, MOST_NAMED),
    elapsedMs: nodes.size === 0 ? 0 : Math.max(0, Math.round((last - started) * 10) / 10),
  };
}
