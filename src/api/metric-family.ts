import type { Metric, Registry } from 'prom-client';
import type { Histogram } from '../lib/histogram.ts';

type Labels = Readonly<Record<string, string>>;

/** One value of a family, or one histogram of it. */
export type Point = readonly [labels: Labels, value: number | Histogram];

export interface FamilyOptions {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Called at each scrape. */
  read(): Iterable<Point>;
}

interface Value {
  readonly metricName: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * A family of metrics whose numbers somebody else keeps. prom-client's own metrics want to keep them themselves; of a
 * registered one its registry asks for no more than this.
 */
export function family(registry: Registry, { name, help, type, read }: FamilyOptions): void {
  const get = async (): Promise<{ name: string; help: string; type: string; values: Value[]; aggregator: string }> => {
    const values: Value[] = [];
    for (const [labels, value] of read()) {
      if (typeof value === 'number') values.push({ metricName: name, labels, value });
      else values.push(...histogramValues(name, labels, value));
    }
    return { name, help, type, values, aggregator: 'sum' };
  };
  registry.registerMetric({ name, help, type, get, reset() {} } as unknown as Metric);
}

/** Buckets of a histogram are cumulative in the text format. */
function* histogramValues(name: string, labels: Labels, { bounds, counts, sum }: Histogram): Generator<Value> {
  let count = 0;
  for (const [i, each] of counts.entries()) {
    count += each;
    yield { metricName: `${name}_bucket`, labels: { ...labels, le: i < bounds.length ? String(bounds[i]) : '+Inf' }, value: count };
  }
  yield { metricName: `${name}_sum`, labels, value: sum };
  yield { metricName: `${name}_count`, labels, value: count };
}
