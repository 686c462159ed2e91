import { createHash } from 'node:crypto';
import type { Health, Provider, Sink } from '../provider.ts';
import { backoff, pause, retryAfterOf } from './backoff.ts';
import { readCredentials } from './credentials.ts';
import { type Decoded, decode } from './decode.ts';
import { RestFault } from './fault.ts';
import { type RestOptions, shownUrl } from './options.ts';
import { type Answer, send } from './request.ts';
import { shrinkFault } from './shrink.ts';

export interface RestParts {
  /** The keys of what is in force of it from before, where that is known: the first answer is held against them. */
  inForce?(): Iterable<string>;
  /** From 0 to 1. */
  random?(): number;
}

/** An answer that is in force. */
interface Accepted {
  readonly keys: ReadonlySet<string>;
  readonly digest: string;
  /** As the next request says them. */
  readonly validators: Readonly<Record<string, string>>;
}

/**
 * Asks a URL from time to time what there should be. An answer counts once it has been understood and lacks no more than it may;
 * until then the one before stays, and nothing is told to the server that says otherwise.
 */
export class RestProvider implements Provider {
  readonly name: string;
  readonly source: string;
  readonly #options: RestOptions;
  readonly #parts: RestParts;
  readonly #stopping = new AbortController();
  #sink: Sink | undefined;
  #accepted: Accepted | undefined;
  #failures = 0;
  /** Somebody asked by hand: whatever comes is taken, and published. */
  #isAsked = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #told = '';

  constructor(options: RestOptions, parts: RestParts = {}) {
    this.#options = options;
    this.#parts = parts;
    this.name = options.name;
    this.source = shownUrl(options.url);
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#plan(0);
  }

  resync(): void {
    this.#isAsked = true;
    this.#plan(0);
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  #plan(seconds: number): void {
    if (this.#sink === undefined || this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#poll().then((next) => {
        this.#running = undefined;
        this.#plan(this.#isAsked ? 0 : next);
      });
    }, seconds * 1000);
  }

  /** One request, and what follows from it. @returns seconds until the next */
  async #poll(): Promise<number> {
    const isAsked = this.#isAsked;
    this.#isAsked = false;
    const { interval } = this.#options;
    const random = (this.#parts.random ?? Math.random)();
    try {
      const answer = await this.#ask(isAsked);
      this.#failures = 0;
      this.#take(answer, isAsked);
      return pause(interval, random);
    } catch (thrown) {
      const fault = RestFault.from(thrown);
      this.#failures++;
      const next = backoff(interval, this.#failures, random, fault.retryAfter);
      this.#report({ state: 'down', message: `${fault.message}; it is asked again in ${Math.max(1, Math.round(next))} s` });
      return next;
    }
  }

  async #ask(isAsked: boolean): Promise<Answer> {
    const { url, timeout, maxBytes, followRedirects } = this.#options;
    const validators = isAsked ? {} : (this.#accepted?.validators ?? {});
    const credentials = await readCredentials(this.#options);
    const answer = await send({ url, credentials, validators, timeoutMs: timeout * 1000, maxBytes, followRedirects, signal: this.#stopping.signal });
    const isUnchanged = answer.status === 304 && Object.keys(validators).length > 0;
    if (answer.status === 200 || isUnchanged) return answer;
    const retryAfter = retryAfterOf(answer.headers['retry-after'], new Date());
    throw new RestFault(`${this.source} answers ${answer.status}`, { retryAfter });
  }

  /** @throws RestFault where it cannot be understood */
  #take({ status, headers, body }: Answer, isAsked: boolean): void {
    const type = headers['content-type'];
    const digest = createHash('sha256').update(`${type}\n`).update(body).digest('base64');
    const accepted = this.#accepted;
    const isSame = !isAsked && digest === accepted?.digest;
    if (status === 304 || isSame) {
      if (isSame) this.#accepted = { ...accepted, validators: validatorsOf(headers) };
      this.#report({ state: 'ok' });
      return;
    }
    const decoded = decode(body, type, this.source, this.#options.host);
    const fault = isAsked ? undefined : this.#shrinkFault(decoded);
    if (fault !== undefined) {
      this.#report({ state: 'degraded', message: `${fault}: what was read before stays; envoyage providers resync ${this.name} takes it as it is` });
      return;
    }
    if (this.#sink === undefined) return;
    this.#sink.publish(decoded.state);
    this.#told = '';
    this.#report({ state: 'ok' });
    // Only now: until it counts, the server must go on sending it.
    this.#accepted = { keys: decoded.keys, digest, validators: validatorsOf(headers) };
  }

  #shrinkFault({ keys }: Decoded): string | undefined {
    const before = this.#accepted?.keys ?? new Set(this.#parts.inForce?.() ?? []);
    return shrinkFault(before, keys, this.#options.maxShrink);
  }

  #report(health: Health): void {
    const text = JSON.stringify(health);
    if (this.#sink === undefined || text === this.#told) return;
    this.#told = text;
    this.#sink.report(health);
  }
}

function validatorsOf({ etag, 'last-modified': modified }: Answer['headers']): Readonly<Record<string, string>> {
  return { ...(etag === undefined ? {} : { 'if-none-match': etag }), ...(modified === undefined ? {} : { 'if-modified-since': modified }) };
}
