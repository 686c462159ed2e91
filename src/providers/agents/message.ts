import type { Container } from '../docker/container.ts';
import type { Health } from '../provider.ts';

/**
 * Who speaks, and how new it is. An agent that comes with a greater `run` is the newer process of the same machine; within a
 * run the greater `sequence` is the newer state.
 */
export interface Speaker {
  /** Of the machine and its engine: the same after the agent was started anew, another one on any other machine. */
  readonly instance: string;
  /** When the process was started, milliseconds since the epoch by the clock of its machine. */
  readonly run: number;
}

/** What an agent says to stay: small, whatever runs on its host. */
export interface Renewal extends Speaker {
  /** Of the state that the daemon acknowledged last; 0 where it has none to say. */
  readonly sequence: number;
  /** How long the daemon is to go without hearing from it, seconds. */
  readonly lease: number;
  /** How its engine is. */
  readonly engine: Health;
}

/** All that an agent knows of its host. */
export interface Report extends Renewal {
  readonly version: string;
  /** Where other hosts reach published ports; unless it says so, that is where it speaks from. */
  readonly address?: string | undefined;
  readonly containers: readonly Container[];
}
