export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format, version 0.0.4, by name of the family.
 * @throws Error on the first line that breaks it: a sample of no family, twice the same labels, a value that is no number
 */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line lacks its end');
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary)$`).exec(line);
    if (help !== null) helps.set(help[1] ?? '', help[2] ?? '');
    else if (type !== null) {
      current = type[1] ?? '';
      if (families.has(current)) throw new Error(`${current} is there twice`);
      families.set(current, { type: type[2] ?? '', help: helps.get(current) ?? '', samples: [] });
    } else {
      const sample = readSample(line);
      const family = families.get(current);
      if (family === undefined || !(SUFFIXES[family.type] ?? []).some((suffix) => sample.name === current + suffix))
        throw new Error(`the sample of no family: ${line}`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`the sample is there twice: ${key}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): Sample {
  const [, name, labels = '', value] = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
  if (name === undefined || (Number.isNaN(Number(value)) && value !== 'NaN' && value !== '+Inf' && value !== '-Inf')) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)",?/g)];
  if (pairs.map(([pair]) => pair).join('') !== labels) throw new Error(`not labels: ${labels}`);
  return { name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: Number(value) };
}
