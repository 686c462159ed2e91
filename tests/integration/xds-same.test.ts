import { afterEach, describe, it } from 'vitest';
import { NODE, type ServiceName, type TestStream, TYPES, type Variant, type XdsClient } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';
import { random } from '../support/xds-sim.ts';
import type { Response } from '../support/xds-wire.ts';

/** The same script of requests and changes, over either variant, over ADS and over services of one type, ends with the same content. */

type TypeName = Exclude<ServiceName, 'ads'>;
type Step = { ask: readonly string[] } | { let: readonly string[] } | { all: true } | { change: readonly (readonly [name: string, content: string | null])[] };

const WAYS = (['delta', 'sotw'] as const).flatMap((variant) => (['ads', 'single'] as const).map((way) => [variant, way] as const));

/** A client that keeps what it is sent, and acknowledges it. */
class Holder {
  readonly #stream: TestStream;
  readonly #type: TypeName;
  readonly #names = new Set<string>();
  #wildcard = false;
  #begun = false;
  #nonce = '';
  readonly held = new Map<string, string>();

  constructor(client: XdsClient, variant: Variant, way: 'ads' | 'single', type: TypeName) {
    this.#type = type;
    this.#stream = client.open(variant, way === 'ads' ? 'ads' : type);
  }

  ask(names: readonly string[], all = false): void {
    for (const name of names) this.#names.add(name);
    this.#wildcard ||= all;
    this.#say({ subscribe: [...names, ...(all ? ['*'] : [])] });
  }

  letGo(names: readonly string[]): void {
    for (const name of names) this.#names.delete(name);
    for (const name of this.held.keys()) if (!this.#covers(name)) this.held.delete(name);
    this.#say({ unsubscribe: names });
  }

  /** Takes responses until it holds this. @throws Error where it never does */
  async until(expected: ReadonlyMap<string, string>): Promise<void> {
    const whole = this.#type === 'cds' || this.#type === 'lds';
    // Of other types a state-of-the-world client is never told that one is gone.
    const holds = (): boolean => {
      const kept = [...this.held].filter(([name]) => expected.has(name) || whole || this.#stream.variant === 'delta');
      return kept.length === expected.size && kept.every(([name, body]) => expected.get(name) === body);
    };
    while (!holds()) this.#take(await this.#stream.next(), whole);
  }

  #covers(name: string): boolean {
    return this.#wildcard || this.#names.has(name);
  }

  #say(change: { subscribe?: readonly string[]; unsubscribe?: readonly string[] }): void {
    const typeUrl = TYPES[this.#type];
    const node = this.#begun ? undefined : NODE;
    this.#begun = true;
    if (this.#stream.variant === 'delta') this.#stream.delta({ node, typeUrl, ...change });
    else this.#stream.sotw({ node, typeUrl, names: this.#list(), nonce: this.#nonce });
  }

  #list(): string[] {
    return [...this.#names, ...(this.#wildcard ? ['*'] : [])];
  }

  #take(response: Response, whole: boolean): void {
    this.#nonce = response.nonce;
    for (const { name, body } of response.resources) if (this.#covers(name)) this.held.set(name, body);
    for (const name of response.removed) this.held.delete(name);
    const listed = new Set(response.resources.map(({ name }) => name));
    if (whole && this.#stream.variant === 'sotw') for (const name of this.held.keys()) if (!listed.has(name)) this.held.delete(name);
    this.#stream.ack(response, this.#list());
  }
}

/** What a client that followed the script has to hold after each step. */
function* follow(script: readonly Step[]): Generator<[Step, Map<string, string>]> {
  const content = new Map<string, string>();
  const names = new Set<string>();
  let all = false;
  for (const step of script) {
    if ('ask' in step) for (const name of step.ask) names.add(name);
    else if ('let' in step) for (const name of step.let) names.delete(name);
    else if ('all' in step) all = true;
    else
      for (const [name, body] of step.change)
        if (body === null) content.delete(name);
        else content.set(name, body);
    yield [step, new Map([...content].filter(([name]) => all || names.has(name)))];
  }
}

function bySeed(seed: number): Step[] {
  const below = random(seed);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const some = (): string[] => names.filter(() => below(3) === 0);
  const steps: Step[] = [{ change: names.slice(0, 4).map((name) => [name, '0'] as const) }, { ask: ['a', 'e'] }];
  for (let i = 1; i <= 40; i++) {
    const what = below(10);
    if (what < 3) steps.push({ ask: some() });
    else if (what < 5) steps.push({ let: some() });
    else steps.push({ change: some().map((name) => [name, below(3) === 0 ? null : String(below(2) === 0 ? i : 0)] as const) });
  }
  return steps.filter((step) => !('ask' in step && step.ask.length === 0));
}

const SCRIPTS: readonly (readonly [string, readonly Step[]])[] = [
  [
    'names that come and go',
    [
      {
        change: [
          ['a', '1'],
          ['b', '1'],
        ],
      },
      { ask: ['a'] },
      { ask: ['b', 'c'] },
      {
        change: [
          ['c', '1'],
          ['a', '2'],
        ],
      },
      { let: ['a'] },
      {
        change: [
          ['a', '3'],
          ['b', null],
        ],
      },
      { ask: ['a'] },
    ],
  ],
  [
    'everything, beside a name',
    [
      { change: [['a', '1']] },
      { ask: ['a'] },
      { all: true },
      { change: [['b', '1']] },
      { let: ['a'] },
      {
        change: [
          ['a', '2'],
          ['b', null],
        ],
      },
    ],
  ],
  ['what is made late, goes and comes back', [{ ask: ['a'] }, { change: [['a', '1']] }, { change: [['a', null]] }, { change: [['a', '1']] }]],
  ...Array.from({ length: 6 }, (_, i) => [`seed ${i + 1}`, bySeed(i + 1)] as const),
];

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(SCRIPTS)('over a bare store: %s', (_, script) => {
  it.each((['cds', 'eds', 'lds', 'rds', 'sds'] as const).map((type) => [type]))('%s', async (type) => {
    const started = await TestServer.start();
    server = started;
    const holders = WAYS.map(([variant, way]) => new Holder(started.client(), variant, way, type));
    for (const [step, expected] of follow(script)) {
      if ('change' in step) started.publish(...step.change.map(([name, body]) => edit(TYPES[type], name, body)));
      for (const holder of holders) {
        if ('ask' in step) holder.ask(step.ask);
        else if ('let' in step) holder.letGo(step.let);
        else if ('all' in step) holder.ask([], true);
        await holder.until(expected);
      }
    }
  });
});
