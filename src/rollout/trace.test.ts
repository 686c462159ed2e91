import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_TRACER, type Span, type SpanOptions, type Tracer } from '../lib/tracer.ts';
import { MOST_WAIT, PublicationTrace } from './trace.ts';

interface Recorded {
  readonly name: string;
  readonly options: SpanOptions;
  readonly events: string[];
  readonly attributes: Record<string, unknown>;
  fault: string | undefined;
  ends: number;
}

/** A tracer that writes down what it is told. */
function recorder(sampled = true): { tracer: Tracer; spans: Recorded[] } {
  const spans: Recorded[] = [];
  const start = (name: string, options: SpanOptions = {}): Span => {
    const recorded: Recorded = { name, options, events: [], attributes: { ...options.attributes }, fault: undefined, ends: 0 };
    spans.push(recorded);
    return {
      context: { traceId: 't', spanId: `${spans.length}`, sampled },
      set: (attributes) => void Object.assign(recorded.attributes, attributes),
      event: (event) => void recorded.events.push(event),
      fail: (message) => {
        recorded.fault = message;
      },
      end: () => {
        recorded.ends++;
      },
    };
  };
  return { tracer: { ...NO_TRACER, start }, spans };
}

const publishing = { revision: 7, services: 1, causes: [] };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a publication', () => {
  it('is not traced where nobody wants it, or it is not sampled', () => {
    expect(PublicationTrace.start(NO_TRACER, publishing)).toBeUndefined();
    expect(PublicationTrace.start(recorder(false).tracer, publishing)).toBeUndefined();
  });

  it('belongs to the first change that is sampled, and has links only where there are several', () => {
    const { tracer, spans } = recorder();
    const [off, on] = [
      { traceId: 'a', spanId: '1', sampled: false },
      { traceId: 'b', spanId: '2', sampled: true },
    ];
    PublicationTrace.start(tracer, { ...publishing, causes: [off, on] });
    PublicationTrace.start(tracer, { ...publishing, causes: [off] });
    expect(spans.map(({ options }) => [options.parent, options.links])).toEqual([
      [on, [off, on]],
      [off, []],
    ]);
  });

  it('has spans for a hundred groups, and counts them all', () => {
    const { tracer, spans } = recorder();
    const trace = PublicationTrace.start(tracer, publishing);
    for (let i = 0; i < 120; i++) trace?.group(`g${i}`, 'ads', 1, 0);
    trace?.end();
    expect(spans).toHaveLength(101);
    expect(spans[0]?.attributes['envoyage.groups']).toBe(120);
  });
});

describe('a rollout', () => {
  function rollout() {
    const { tracer, spans } = recorder();
    const span = PublicationTrace.start(tracer, publishing)?.group('edge', 'ads', 2, 5);
    if (span === undefined) throw new Error('there is no span');
    return { span, recorded: () => spans[1] };
  }

  it('ends with its last answer, once', () => {
    const { span, recorded } = rollout();
    span.announced();
    span.done('a', 1, false);
    expect(recorded()?.ends).toBe(0);
    span.done('b', 0, false);
    vi.advanceTimersByTime(MOST_WAIT);
    expect(recorded()).toMatchObject({ name: 'rollout', events: ['sent', 'answered', 'answered'], fault: undefined, ends: 1, options: { startedAt: 5 } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends as failed where an answer does not come, and what comes later is nothing to it', () => {
    const { span, recorded } = rollout();
    span.done('a', 1, false);
    vi.advanceTimersByTime(MOST_WAIT);
    span.done('b', 0, false);
    expect(recorded()).toMatchObject({ fault: 'not answered by all in 60 s', ends: 1, attributes: { 'envoyage.answered': 1 } });
  });

  it('names ten of those that refuse, and counts the others', () => {
    const { span, recorded } = rollout();
    for (let i = 0; i < 15; i++) span.rejected(`n${i}`, 'cds', 'no');
    span.done('a', 0, true);
    expect(recorded()?.events.filter((event) => event === 'rejected')).toHaveLength(10);
    expect(recorded()).toMatchObject({ fault: 'refused 15 times', attributes: { 'envoyage.rejected': 15, 'envoyage.left': 1 } });
  });
});
