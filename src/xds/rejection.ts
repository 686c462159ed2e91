import type { ErrorDetail } from './codec.ts';
import type { Answer } from './frame.ts';

/** A refusal that stands: the client does not hold what it was sent. */
export interface Rejection {
  /** The newest answer that was refused. */
  readonly answer: Answer;
  readonly error: ErrorDetail;
  /** The publications after `from`, up to the answer's, are concerned. */
  readonly from: number;
  /** The names that the errors give; undefined where one gives none, and it may be any in the answer. */
  readonly culprits: ReadonlySet<string> | undefined;
}

/** What stands after `answer` was refused with `error`, where `earlier` stood before. */
export function refuse(answer: Answer, error: ErrorDetail, earlier: Rejection | undefined): Rejection {
  const named = namedIn(error.message, answer.names);
  if (earlier === undefined) return { answer, error, from: answer.from, culprits: named };
  // Names in the answer that its error does not give count as taken, here as in a first refusal.
  const culprits = named === undefined || earlier.culprits === undefined ? undefined : earlier.culprits.difference(new Set(answer.names)).union(named);
  return { answer, error, from: Math.min(answer.from, earlier.from), culprits };
}

/**
 * What still stands once the client took `answer`, one sent after the refusal. Answers that hold a part of the resources
 * say nothing about the others: an Envoy that takes one cluster has not changed its mind about another. So a refusal ends
 * when its culprits have been replaced or taken away; where they are not known, when something in it has been.
 */
export function outlive(rejection: Rejection, answer: Answer): Rejection | undefined {
  const { culprits } = rejection;
  if (culprits === undefined) {
    const refused = new Set(rejection.answer.names);
    return answer.names.some((name) => refused.has(name)) ? undefined : rejection;
  }
  const left = culprits.difference(new Set(answer.names));
  return left.size === 0 ? undefined : { ...rejection, culprits: left };
}

/** What still stands once the client answered for everything but these. */
export function narrow(rejection: Rejection | undefined, withheld: ReadonlySet<string> | undefined): Rejection | undefined {
  return rejection === undefined || withheld === undefined || withheld.size === 0 ? undefined : { ...rejection, culprits: withheld };
}

/** What still stands when some names are not wanted any more. */
export function forgo(rejection: Rejection, wanted: (name: string) => boolean): Rejection | undefined {
  const left = new Set([...(rejection.culprits ?? rejection.answer.names)].filter(wanted));
  if (left.size === 0) return undefined;
  return rejection.culprits === undefined || left.size === rejection.culprits.size ? rejection : { ...rejection, culprits: left };
}

/** Those of `names` that the message mentions as words of their own, as Envoy does: "Error adding/updating cluster(s) web: …". */
export function namedIn(message: string, names: readonly string[]): ReadonlySet<string> | undefined {
  const words = new Set(message.split(/[^A-Za-z0-9._*-]+/).flatMap((word) => [word, word.replace(/[.-]+$/, '')]));
  const named = new Set(names.filter((name) => words.has(name)));
  return named.size === 0 ? undefined : named;
}
