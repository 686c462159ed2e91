import { status } from '@grpc/grpc-js';
import { type Access, authenticate, type Credential, credentialFault, sameAuthorities } from './access.ts';
import { Admission, addressOf } from './admission.ts';
import { readCertificate } from './certificate.ts';
import type { Connections } from './connections.ts';
import type { LimitLog, Limits } from './limits.ts';
import { type Call, type End, Pass } from './pass.ts';

/** A client that does not read does not see its stream end: after as long its connection is cut. Milliseconds. */
const GRACE_MS = 5000;
/** How often streams and connections are looked at, milliseconds. */
const SWEEP_MS = 1000;

export interface GuardOptions {
  readonly limits: Limits;
  readonly access: Access;
  readonly log: LimitLog;
  readonly connections: Connections;
  /** Someone was turned away, or sent away. */
  refused(peer: string, reason: string): void;
}

/** Decides who may open a stream, and who may keep it. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #admission: Admission;
  readonly #passes = new Set<Pass>();
  /** Streams that were ended but are not gone, with the monotonic time since when. */
  readonly #ending = new Map<Pass, number>();
  #access: Access;
  /** Connections from before may have been verified against other authorities. Monotonic milliseconds. */
  #authoritiesSince = Number.NEGATIVE_INFINITY;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#access = options.access;
    this.#admission = new Admission(options.limits, performance.now());
  }

  start(): void {
    this.#watch = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#watch.unref();
  }

  close(): void {
    clearInterval(this.#watch);
  }

  /** A new stream: its pass; undefined where it was turned away, which `end` has told it. */
  enter(call: Call, end: End): Pass | undefined {
    const { limits, log, refused } = this.#options;
    const peer = call.getPeer();
    const credential = this.#authenticate(call, peer);
    if (typeof credential === 'string') {
      refused(peer, credential);
      end(status.UNAUTHENTICATED, credential);
      return undefined;
    }
    const delay = this.#admission.enter(addressOf(peer), performance.now());
    if (typeof delay !== 'number') {
      log.acted(delay.limit, peer, delay.reason);
      end(status.UNAVAILABLE, delay.reason);
      return undefined;
    }
    if (delay > 0) log.acted('stream-rate', peer, `more than ${limits.streamRate} new streams a second: this one waits (--xds-max-stream-rate)`);
    const pass = new Pass(call, peer, end, credential, delay, limits, {
      flooded: () =>
        log.acted('request-rate', peer, `more than ${limits.requestRate} requests a second: the stream is read more slowly (--xds-max-request-rate)`),
      left: () => {
        this.#passes.delete(pass);
        this.#admission.leave(addressOf(peer));
      },
    });
    this.#passes.add(pass);
    return pass;
  }

  /** Takes over who may come in, and sends away who may not stay. */
  update(access: Access): void {
    const changed = !sameAuthorities(this.#access, access);
    if (changed) this.#authoritiesSince = performance.now();
    this.#access = access;
    for (const pass of [...this.#passes]) this.#review(pass, changed);
  }

  #authenticate(call: Call, peer: string): Credential | string | undefined {
    const access = this.#access;
    if (access.clientCa === undefined && access.tokens === undefined) return undefined;
    const raw = access.clientCa === undefined ? undefined : call.getAuthContext().sslPeerCertificate?.raw;
    const certificate = raw === undefined ? undefined : readCertificate(raw);
    const [authorization] = call.metadata.get('authorization');
    const credential = authenticate(access, { certificate, authorization: authorization?.toString() }, Date.now());
    if (typeof credential !== 'object') return credential;
    // A handshake that was under way when the authorities changed went by the old ones.
    const isOld = this.#options.connections.openedAt(peer) < this.#authoritiesSince + this.#options.limits.firstRequestMs;
    return (isOld ? this.#fault(credential, peer, true) : undefined) ?? credential;
  }

  #fault(credential: Credential, peer: string, authorities: boolean): string | undefined {
    return credentialFault(this.#access, credential, authorities ? this.#options.connections.sentAlong(peer) : undefined, Date.now());
  }

  #review(pass: Pass, authorities: boolean): void {
    if (pass.credential === undefined) return;
    const fault = this.#fault(pass.credential, pass.peer, authorities);
    if (fault === undefined) return;
    this.#options.refused(pass.peer, fault);
    this.#end(pass, status.UNAUTHENTICATED, fault);
  }

  #end(pass: Pass, code: status, reason: string): void {
    this.#ending.set(pass, performance.now());
    pass.call.once('close', () => this.#ending.delete(pass));
    pass.end(code, reason);
  }

  #sweep(): void {
    const { connections, limits, log } = this.#options;
    const now = performance.now();
    const time = Date.now();
    for (const pass of this.#passes) {
      const { certificate } = pass.credential ?? {};
      if (certificate !== undefined && certificate.notAfter <= time) this.#review(pass, false);
      else if (pass.firstRequestBy !== undefined && now > pass.firstRequestBy) {
        const reason = `no request within ${limits.firstRequestMs / 1000} s (--xds-first-request-seconds)`;
        log.acted('first-request', pass.peer, reason);
        this.#end(pass, status.DEADLINE_EXCEEDED, reason);
      }
    }
    for (const [{ peer }, since] of this.#ending) if (now - since > GRACE_MS) connections.cut(peer);
    connections.sweep(now);
  }
}
