import { Bucket } from './bucket.ts';
import type { LimitName, Limits } from './limits.ts';

/** Longer than this nobody is kept waiting: it is turned away, and comes back after a while of its own choice. Milliseconds. */
export const MOST_DELAY_MS = 5000;

/** Too many streams, with the limit that says so. */
export interface Full {
  readonly limit: LimitName;
  readonly reason: string;
}

/** How many streams there are, in all and by address, and how fast new ones come. */
export class Admission {
  readonly #limits: Limits;
  readonly #arrivals: Bucket;
  readonly #byAddress = new Map<string, number>();
  #streams = 0;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.#arrivals = new Bucket(limits.streamRate, now);
  }

  get streams(): number {
    return this.#streams;
  }

  /** Counts a stream in: the milliseconds after which it may begin; or why there is no place for it. */
  enter(address: string, now: number): number | Full {
    const { streams, streamsPerAddress, streamRate } = this.#limits;
    if (this.#streams >= streams) return { limit: 'streams', reason: `${streams} streams are open already, which is the most (--xds-max-streams)` };
    const here = this.#byAddress.get(address) ?? 0;
    if (here >= streamsPerAddress) {
      const reason = `${streamsPerAddress} streams of ${address} are open already, which is the most (--xds-max-streams-per-address)`;
      return { limit: 'streams-per-address', reason };
    }
    const delay = this.#arrivals.take(now);
    if (delay > MOST_DELAY_MS) {
      this.#arrivals.putBack();
      return { limit: 'stream-rate', reason: `more than ${streamRate} new streams a second (--xds-max-stream-rate)` };
    }
    this.#streams++;
    this.#byAddress.set(address, here + 1);
    return delay;
  }

  leave(address: string): void {
    this.#streams--;
    const left = (this.#byAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

/** The IP address of a peer as gRPC names it, `ADDRESS:PORT` without brackets. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}
