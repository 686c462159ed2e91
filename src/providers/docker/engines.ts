import type { Health } from '../provider.ts';
import type { EngineState } from './container.ts';

/** Where states of engines come from: the engine of this machine, or agents on others. */
export interface EngineSource {
  /**
   * The hosts known from the start: nothing is published before each of them has spoken once, or has said that it cannot be
   * reached, so that a restart of the daemon does not take away what has not been read yet.
   */
  readonly hosts: Iterable<string>;
  /** Begins to watch, and returns at once. */
  start(listener: EngineListener): void;
  /** Reads everything anew, now. */
  resync(): void;
  /** Resolves when nothing of it is left; the listener hears no more. A second time is the same as once. */
  stop(): Promise<void>;
}

/** Whom a source of engines tells. Nothing here throws or waits. */
export interface EngineListener {
  /** All that is known of one engine, which replaces what was said of its host before. */
  state(engine: EngineState): void;
  /** The host is no more, and its containers with it: its lease ended. An engine that cannot be reached is not gone, see `report`. */
  gone(host: string): void;
  /** How the engine of a host is, whenever that changes. */
  report(host: string, health: Health): void;
}
