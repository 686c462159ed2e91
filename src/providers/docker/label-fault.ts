import type { Problem } from '../provider.ts';

/** What is wrong with labels, for machines; docs/docker.md says what each means. */
export type LabelCode =
  | 'unknown-label'
  | 'invalid-label'
  | 'label-conflict'
  | 'label-not-available'
  | 'not-enabled'
  | 'nothing-declared'
  | 'port-unknown'
  | 'network-unknown'
  | 'address-unknown'
  | 'version-missing'
  | 'name-taken'
  | 'host-taken'
  | 'too-many-endpoints';

/** What is wrong, with the label that it is about, before it is known whose it is. */
export interface LabelFault {
  readonly code: LabelCode;
  /** `envoyage.web.port`; missing where no label is to blame. */
  readonly label?: string | undefined;
  /** What and why, a sentence without its dot. */
  readonly message: string;
  /** The label that mends it, mostly. */
  readonly hint?: string | undefined;
}

/** A fault with the container that has it: what `envoyage lint` finds its place by. */
export interface LabelProblem extends Problem {
  readonly code: LabelCode;
  readonly host: string;
  /** The id of the container. */
  readonly container: string;
  readonly label?: string | undefined;
}

/** A fault on its way to who knows the container. */
export class LabelError extends Error {
  readonly fault: LabelFault;

  constructor(fault: LabelFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const MOST_SHOWN = 80;

/** What somebody wrote, in quotes, cut short where it is long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
}

const MOST_LISTED = 10;

/** `a, b, c`, the first of them where there are many. */
export function shortList(names: readonly (string | number)[]): string {
  const listed = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${listed} and ${names.length - MOST_LISTED} more` : listed;
}
