import type { ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Credential } from './access.ts';
import { Bucket } from './bucket.ts';
import type { Identity } from './identity.ts';
import type { Limits } from './limits.ts';

export type Call = ServerDuplexStream<Buffer, Buffer>;
export type End = (code: status, reason: string) => void;

/** A client that floods is not read for as long at least, milliseconds: a timer for each request would cost more than it. */
const LEAST_PAUSE_MS = 50;

/** Who is told what a stream does with its pass. */
export interface PassEvents {
  flooded(pass: Pass): void;
  left(pass: Pass): void;
}

/** A stream that was let in. */
export class Pass {
  readonly call: Call;
  readonly peer: string;
  readonly credential: Credential | undefined;
  readonly end: End;
  /** When to give up on it, monotonic milliseconds; undefined once a request has come. */
  firstRequestBy: number | undefined;
  readonly #events: PassEvents;
  readonly #requests: Bucket;
  #resume: NodeJS.Timeout | undefined;
  #left = false;

  /** @param delay before it is read, milliseconds */
  constructor(call: Call, peer: string, end: End, credential: Credential | undefined, delay: number, limits: Limits, events: PassEvents) {
    const now = performance.now();
    this.call = call;
    this.peer = peer;
    this.end = end;
    this.credential = credential;
    this.firstRequestBy = now + delay + limits.firstRequestMs;
    this.#events = events;
    this.#requests = new Bucket(limits.requestRate, now);
    if (delay > 0) this.#pause(delay);
  }

  get identity(): Identity | undefined {
    return this.credential?.identity;
  }

  /** To be called for each request; stops reading for a while where there are too many. */
  received(): void {
    this.firstRequestBy = undefined;
    const delay = this.#requests.take(performance.now());
    if (delay === 0) return;
    this.#events.flooded(this);
    this.#pause(Math.max(delay, LEAST_PAUSE_MS));
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#resume);
    this.#events.left(this);
  }

  #pause(delay: number): void {
    this.call.pause();
    clearTimeout(this.#resume);
    this.#resume = setTimeout(() => this.call.resume(), delay);
  }
}
