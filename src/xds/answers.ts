import type { ErrorDetail } from './codec.ts';
import type { Answer } from './frame.ts';
import { forgo, namedIn, narrow, outlive, type Rejection, refuse } from './rejection.ts';
import type { Subscription } from './subscription.ts';
import type { TypeUrl } from './types.ts';

/** Who is told what a client made of its answers. */
export interface AnswerObserver {
  acked(answer: Answer): void;
  /** The client refused what it was sent; what stands of earlier refusals is in it. */
  rejected(rejection: Rejection): void;
  /** The client came back, and has not taken anything in place of what it refused before. */
  stands?(rejection: Rejection, since: Date): void;
  /** No refusal of the type stands any more. */
  recovered(type: TypeUrl): void;
}

/**
 * An acknowledgement, or a rejection where it carries an error (xds_protocol.rst, "ACK and NACK"); a nonce of before is
 * nobody's.
 * @param cumulative state of the world: answering one answers those before it
 */
export function answered(sub: Subscription, nonce: string, error: ErrorDetail | undefined, cumulative: boolean, observer: AnswerObserver): void {
  const entry = sub.outstanding.get(nonce);
  if (entry === undefined) return;
  const replacesAll = cumulative && sub.whole;
  const leased = { replaces: replacesAll, partly: cumulative };
  for (const [earlier, { answer, at }] of cumulative ? sub.outstanding : []) {
    if (earlier === nonce) break;
    sub.lease?.answered(answer, at, undefined, leased);
    sub.outstanding.delete(earlier);
  }
  sub.outstanding.delete(nonce);
  sub.lease?.answered(entry.answer, entry.at, error, leased);
  if (replacesAll) park(sub, entry.answer, error);
  if (error !== undefined) {
    sub.rejection = refuse(entry.answer, error, replacesAll ? narrow(sub.rejection, entry.answer.withheld) : sub.rejection);
    sub.rejectedOrder = Math.max(sub.rejectedOrder, entry.order);
    observer.rejected(sub.rejection);
    return;
  }
  sub.took(entry.order);
  observer.acked(entry.answer);
  if (sub.rejection === undefined || entry.order <= sub.rejectedOrder) return;
  stand(sub, replacesAll ? narrow(sub.rejection, entry.answer.withheld) : outlive(sub.rejection, entry.answer), observer);
}

function park(sub: Subscription, answer: Answer, error: ErrorDetail | undefined): void {
  const refused = error === undefined ? new Set<string>() : namedIn(error.message, answer.names);
  // Without a name nobody knows what was refused, and what was taken.
  if (refused === undefined) return;
  for (const name of sub.parked.answered(answer, refused, sub.returning)) if (sub.covers(name)) sub.fresh.add(name);
}

/** What the client is to hold has changed: what is not `wanted` any more cannot stand refused. */
export function reviseRejection(sub: Subscription, wanted: (name: string) => boolean, observer: AnswerObserver): void {
  if (sub.rejection !== undefined) stand(sub, forgo(sub.rejection, wanted), observer);
}

function stand(sub: Subscription, rejection: Rejection | undefined, observer: AnswerObserver): void {
  sub.rejection = rejection;
  if (rejection === undefined) observer.recovered(sub.type);
}
