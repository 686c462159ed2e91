import type { Placement } from '../model/placement.ts';
import { shortName } from '../xds/types.ts';
import type { NodeRecord, StreamRecord } from './node.ts';
import type { ObservedType } from './observed.ts';

/** An Envoy as it is shown: what it asked for, what it was sent, what it made of it. */
export interface NodeReport {
  readonly id: string;
  readonly group: string;
  readonly placement: Placement;
  readonly state: 'in-sync' | 'behind' | 'rejected' | 'gone';
  readonly connected: boolean;
  readonly agent: string;
  readonly address: string;
  readonly streams: number;
  readonly variant: 'delta' | 'sotw' | 'mixed' | 'none';
  readonly connectedAt: string;
  readonly lastAnswerAt: string | null;
  readonly revision: number;
  readonly types: readonly {
    readonly type: string;
    readonly sentVersion: string;
    readonly ackedVersion: string;
    readonly sent: number;
    readonly acked: number;
    readonly rejected: number;
    readonly rejection?: { readonly version: string; readonly message: string; readonly at: string; readonly objects?: readonly string[] };
  }[];
}

/** Of a refusal that may be about many objects as many are named. */
const MOST_OBJECTS = 20;

/** @param revision the newest that was published */
export function reportNode(node: NodeRecord, revision: number): NodeReport {
  return {
    id: node.id,
    group: node.group,
    placement: node.placement,
    state: stateOf(node),
    connected: node.connected,
    agent: node.agent,
    address: node.address,
    streams: node.streams.size,
    variant: variantOf(node),
    connectedAt: node.connectedAt.toISOString(),
    lastAnswerAt: node.lastAnswerAt?.toISOString() ?? null,
    revision: revisionOf(node, revision),
    types: [...node.types.values()].map(reportType).toSorted((a, b) => (a.type < b.type ? -1 : 1)),
  };
}

export function stateOf(node: NodeRecord): NodeReport['state'] {
  if (!node.connected) return 'gone';
  if (node.rejections().length > 0) return 'rejected';
  for (const stream of node.streams) if (!stream.inSync) return 'behind';
  return 'in-sync';
}

function variantOf(node: NodeRecord): NodeReport['variant'] {
  const variants = new Set([...node.streams].map(({ client }) => client.variant));
  const [only] = variants;
  if (only === undefined) return 'none';
  return variants.size > 1 ? 'mixed' : only;
}

/** The newest revision that every stream of the node has taken whole. */
function revisionOf(node: NodeRecord, newest: number): number {
  let revision = node.connected ? Number.POSITIVE_INFINITY : 0;
  for (const stream of node.streams) revision = Math.min(revision, streamRevision(stream, newest));
  return revision;
}

function streamRevision({ publications, settledSeq, rejections }: StreamRecord, newest: number): number {
  let seq = settledSeq;
  for (const { from } of rejections.values()) seq = Math.min(seq, from);
  // Revisions after its last publication hold nothing for the view.
  if (seq === publications.view.store.seq) return Math.max(newest, publications.newest?.revision ?? 0);
  return publications.at(seq)?.revision ?? 0;
}

function reportType({ type, sentVersion, ackedVersion, sent, acked, rejected, rejection }: ObservedType): NodeReport['types'][number] {
  const counts = { type: shortName(type), sentVersion, ackedVersion, sent, acked, rejected };
  if (rejection === undefined) return counts;
  const { answer, error, at, objects = [] } = rejection;
  const about = objects.length === 0 ? {} : { objects: objects.slice(0, MOST_OBJECTS) };
  return { ...counts, rejection: { version: answer.version, message: error.message, at: at.toISOString(), ...about } };
}
