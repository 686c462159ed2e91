import type { Span, SpanContext, Tracer } from '../lib/tracer.ts';
import type { PublicationWatcher } from './publications.ts';

/** As many groups of one publication have a span, and as many Envoys are named in it: those that were last, and those that refused. */
const MOST_GROUPS = 100;
const MOST_NAMED = 10;

/** A span that is not over by then says so and ends, milliseconds: an Envoy may hold an answer back for ever. */
export const MOST_WAIT = 60_000;

/** What is known when something is published. */
export interface Publishing {
  readonly revision: number;
  readonly services: number;
  /** The changes in it that are traced. */
  readonly causes: readonly SpanContext[];
}

/** The trace of one publication: a span for the work of publishing, and below it one for each group, which ends with its last answer. */
export class PublicationTrace {
  readonly #tracer: Tracer;
  readonly #span: Span;
  #groups = 0;

  private constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
  }

  /** @returns undefined where it is not sampled */
  static start(tracer: Tracer, { revision, services, causes }: Publishing): PublicationTrace | undefined {
    const parent = causes.find(({ sampled }) => sampled) ?? causes[0];
    // One that holds several changes belongs to the trace of the first, and leads back to all.
    const span = tracer.start('publish', {
      parent,
      links: causes.length > 1 ? causes : [],
      attributes: { 'envoyage.revision': revision, 'envoyage.services': services, 'envoyage.commits': causes.length },
    });
    return span?.context.sampled ? new PublicationTrace(tracer, span) : undefined;
  }

  /**
   * A group was touched.
   * @param startedAt when the work for it began, monotonic milliseconds
   */
  group(group: string, mode: string, streams: number, startedAt: number): RolloutSpan | undefined {
    this.#groups++;
    if (this.#groups > MOST_GROUPS) return undefined;
    const attributes = { 'envoyage.group': group, 'envoyage.mode': mode, 'envoyage.streams': streams };
    const span = this.#tracer.start('rollout', { parent: this.#span.context, attributes, startedAt });
    return span === undefined ? undefined : new RolloutSpan(span);
  }

  end(): void {
    this.#span.set({ 'envoyage.groups': this.#groups });
    this.#span.end();
  }
}

/** The way of one publication to the Envoys of one group. */
export class RolloutSpan implements PublicationWatcher {
  readonly #span: Span;
  readonly #deadline: NodeJS.Timeout;
  #answered = 0;
  #left = 0;
  #rejected = 0;
  #over = false;

  constructor(span: Span) {
    this.#span = span;
    this.#deadline = setTimeout(() => this.#end(`not answered by all in ${MOST_WAIT / 1000} s`), MOST_WAIT);
    this.#deadline.unref();
  }

  /** It was handed to all streams that were ready for it. */
  announced(): void {
    this.#span.event('sent');
  }

  done(node: string, remaining: number, left: boolean): void {
    if (this.#over) return;
    if (left) this.#left++;
    else this.#answered++;
    if (remaining < MOST_NAMED) this.#span.event(left ? 'left' : 'answered', { 'envoyage.node': node, 'envoyage.remaining': remaining });
    if (remaining === 0) this.#end(this.#rejected > 0 ? `refused ${this.#rejected} times` : undefined);
  }

  rejected(node: string, type: string, message: string): void {
    this.#rejected++;
    if (this.#rejected <= MOST_NAMED) this.#span.event('rejected', { 'envoyage.node': node, 'envoyage.type': type, 'envoyage.message': message });
  }

  #end(fault: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#span.set({ 'envoyage.answered': this.#answered, 'envoyage.left': this.#left, 'envoyage.rejected': this.#rejected });
    if (fault !== undefined) this.#span.fail(fault);
    this.#span.end();
  }
}
