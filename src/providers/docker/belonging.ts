import type { Container } from './container.ts';
import { OWN_LABEL } from './facts.ts';
import type { Roster } from './roster.ts';

/** Which containers are looked at: those that say something to us, and those that lend their network to one that does. */
export class Belonging {
  readonly #all: boolean;
  readonly #ignored = new Map<string, 'foreign' | 'old'>();
  readonly #lenders = new Set<string>();

  /** @param all where containers count without a label of ours, too */
  constructor(all: boolean) {
    this.#all = all;
  }

  /** Notes it where it is not; labels do not change while a container is there. */
  isOurs(id: string, labels: Readonly<Record<string, unknown>>): boolean {
    if (this.#all || this.#lenders.has(id) || Object.keys(labels).some((key) => OWN_LABEL.test(key))) return true;
    this.#ignored.set(id, 'foreign');
    return false;
  }

  isForeign(id: string): boolean {
    return this.#ignored.get(id) === 'foreign';
  }

  /** True where it was let go of though the engine still lists it: it stopped too long ago. */
  isOld(id: string): boolean {
    return this.#ignored.get(id) === 'old';
  }

  /** @returns the container whose network this one uses, where nobody knew of that */
  lenderOf({ networkMode }: Container): string | undefined {
    const [, lender] = /^container:([0-9a-f]{64})$/.exec(networkMode) ?? [];
    if (lender === undefined || this.#lenders.has(lender)) return undefined;
    this.#lenders.add(lender);
    this.#ignored.delete(lender);
    return lender;
  }

  /** Something happened to it: it may count again. */
  revive(id: string): void {
    if (this.isOld(id)) this.#ignored.delete(id);
  }

  forget(id: string): void {
    this.#ignored.delete(id);
    this.#lenders.delete(id);
  }

  /** Lets those go that have been gone for too long. */
  prune(roster: Roster, there: ReadonlySet<string>, now: number): void {
    for (const id of roster.prune(now)) if (there.has(id)) this.#ignored.set(id, 'old');
    for (const id of this.#ignored.keys()) if (!there.has(id)) this.#ignored.delete(id);
  }
}
