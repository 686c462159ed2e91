import type { Container } from './container.ts';
import type { EngineEvent } from './events.ts';
import type { Facts } from './facts.ts';
import { isStopSignal } from './signals.ts';

/** How long a container that is gone stays, milliseconds: longer than any linger that labels may ask for. */
export const KEPT_MS = 24 * 60 * 60 * 1000;
/** How many of them; those that have been gone the longest are let go first. */
export const MOST_GONE = 1000;

/**
 * The containers of one engine as they are known now: what inspections said, and on top of it what events said since. It has
 * no clock of its own.
 *
 * Times within an engine are compared by its clock; what is told of is by ours.
 */
export class Roster {
  readonly #facts = new Map<string, Facts>();

  has(id: string): boolean {
    return this.#facts.has(id);
  }

  get(id: string): Facts | undefined {
    return this.#facts.get(id);
  }

  /** Of those that the engine still has. */
  ids(): string[] {
    return [...this.#facts.values()].flatMap(({ container }) => (container.state === 'dead' ? [] : container.id));
  }

  /** What an inspection said. @param skew what is to be added to the engine's time @returns true where that is news */
  put(facts: Facts, skew: number, now: number): boolean {
    const { container } = facts;
    const known = this.#facts.get(container.id);
    const { stoppingSince, exitedAt } = known?.container ?? {};
    const sameRun = known?.startedAt === facts.startedAt;
    const runs = container.state === 'running' || container.state === 'paused';
    const since = (sameRun ? stoppingSince : undefined) ?? (facts.isStopping ? new Date(now).toISOString() : undefined);
    const next: Facts = {
      ...facts,
      container: {
        ...container,
        // Asked to stop, and still there: until it has ended or was started again.
        ...(runs && since !== undefined ? { stoppingSince: since } : {}),
        // What an event told by our own clock is nearer to the truth than a clock that may differ.
        ...(container.exitedAt === undefined ? {} : { exitedAt: (sameRun ? exitedAt : undefined) ?? ours(Date.parse(container.exitedAt), skew, now) }),
      },
    };
    this.#facts.set(container.id, next);
    return JSON.stringify(known) !== JSON.stringify(next);
  }

  /** What an event says beyond "look at it". True where that changed something. */
  hear({ id, what, signal, at }: EngineEvent, skew: number, now: number): boolean {
    const known = this.#facts.get(id);
    if (known === undefined) return false;
    if (what === 'destroy') return this.gone(id, now);
    const { container, startedAt } = known;
    // An engine repeats events when it is asked for those of the past: what was before the start of this run is over.
    if ((container.state !== 'running' && container.state !== 'paused') || (startedAt !== undefined && at < startedAt)) return false;
    if (what === 'die') {
      const { stoppingSince: _, ...rest } = container;
      this.#facts.set(id, { ...known, container: { ...rest, state: 'exited', exitedAt: ours(at, skew, now) } });
      return true;
    }
    if (what !== 'kill' || container.stoppingSince !== undefined || !isStopSignal(signal, known.stopSignal)) return false;
    this.#facts.set(id, { ...known, container: { ...container, stoppingSince: ours(at, skew, now) } });
    return true;
  }

  /** The engine does not know it any more. True where that is news. */
  gone(id: string, now: number): boolean {
    const known = this.#facts.get(id);
    if (known === undefined || known.container.state === 'dead') return false;
    const { stoppingSince: _, ...container } = known.container;
    this.#facts.set(id, { ...known, container: { ...container, state: 'dead', exitedAt: container.exitedAt ?? new Date(now).toISOString() } });
    return true;
  }

  /** Lets go of those that have been gone for too long, or are too many. @returns their ids */
  prune(now: number): string[] {
    const gone = [...this.#facts.values()].filter(({ container }) => container.exitedAt !== undefined);
    gone.sort((a, b) => Date.parse(b.container.exitedAt ?? '') - Date.parse(a.container.exitedAt ?? ''));
    const over = gone.filter(({ container }, i) => i >= MOST_GONE || Date.parse(container.exitedAt ?? '') < now - KEPT_MS).map(({ container }) => container.id);
    for (const id of over) this.#facts.delete(id);
    return over;
  }

  /** In a fixed order. */
  list(): Container[] {
    return [...this.#facts.values()].map(({ container }) => container).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** An engine's time as ours; nothing has happened later than now. */
function ours(at: number, skew: number, now: number): string {
  return new Date(Math.min(at + skew, now)).toISOString();
}
