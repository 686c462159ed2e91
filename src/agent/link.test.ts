import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { container } from '../providers/agents/agents.fixture.ts';
import type { Container } from '../providers/docker/container.ts';
import type { Health } from '../providers/provider.ts';
import { Link } from './link.ts';
import type { Transport } from './transport.ts';

/** A daemon that answers as it is told, and remembers what it was told. */
class FakeDaemon implements Transport {
  readonly said: string[] = [];
  /** What each request is answered with. */
  fault: EnvoyageError | undefined;
  faultOfPut: EnvoyageError | undefined;
  knows = true;
  /** Answers are held back while it is set. */
  held: PromiseWithResolvers<void> | undefined;

  async put(report: Parameters<Transport['put']>[0]) {
    this.said.push(`put ${report.sequence}: ${report.containers.map(({ name }) => name).join(' ')}`);
    await this.#answer();
    if (this.faultOfPut !== undefined) throw this.faultOfPut;
    this.knows = true;
    return { state: 'known' as const, leaseEndsAt: '' };
  }
  async renew({ sequence, engine }: Parameters<Transport['renew']>[0]) {
    this.said.push(`renew ${sequence}${engine.state === 'ok' ? '' : `, engine ${engine.state}`}`);
    await this.#answer();
    return { state: this.knows ? ('known' as const) : ('wanted' as const), leaseEndsAt: '' };
  }
  async leave() {
    this.said.push('leave');
  }
  close() {}

  async #answer(): Promise<void> {
    await this.held?.promise;
    if (this.fault !== undefined) throw this.fault;
  }
}

let daemon: FakeDaemon;
let link: Link;
let stop: AbortController;
let faults: (string | undefined)[];
let engines: (string | undefined)[];
let ran: Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  daemon = new FakeDaemon();
  faults = [];
  engines = [];
  stop = new AbortController();
  const onFault = (fault: EnvoyageError | undefined) => faults.push(fault?.message);
  const onEngine = ({ state, message }: Health) => engines.push(`${state}: ${message}`);
  link = new Link({ instance: 'machine-a', run: 1, version: '1', lease: 30, renew: 10, random: () => 1, onFault, onEngine }, daemon);
  ran = link.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await vi.advanceTimersByTimeAsync(20_000);
  await ran;
  vi.useRealTimers();
});

const has = (...names: (string | Container)[]) =>
  link.state({ host: 'local', containers: names.map((name) => (typeof name === 'string' ? container(name) : name)) });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the link of an agent', () => {
  it('says nothing before it has been told something', async () => {
    await pass(60_000);
    expect(daemon.said).toEqual([]);
    has();
    await pass(150);
    expect(daemon.said).toEqual(['put 1: ']);
  });

  it('sends the whole state when it differs, and else a few words as often as was asked', async () => {
    has('web');
    await pass(25_000);
    expect(daemon.said).toEqual(['put 1: web', 'renew 1', 'renew 1']);
    has('web');
    await pass(200);
    has('web', 'api');
    await pass(200);
    expect(daemon.said.slice(3)).toEqual(['renew 1', 'put 2: web api']);
  });

  it('sends what comes first at once, and what follows together', async () => {
    has('a');
    await pass(150);
    for (let i = 0; i < 50; i++) {
      has(`b${i}`);
      await pass(1);
    }
    await pass(1000);
    expect(daemon.said).toEqual(['put 1: a', 'put 2: b0', expect.stringMatching(/^put \d+: b49$/)]);
  });

  it('sends it once more when the daemon lacks it', async () => {
    has('web');
    await pass(1000);
    daemon.knows = false;
    await pass(10_000);
    expect(daemon.said).toEqual(['put 1: web', 'renew 1', 'put 1: web']);
  });

  it('stays while its engine is away, and says how that is', async () => {
    link.report('local', { state: 'down', message: 'connect ENOENT' });
    await pass(10_200);
    daemon.knows = false;
    await pass(10_200);
    expect(daemon.said).toEqual(['renew 0, engine down', 'renew 0, engine down', 'renew 0, engine down']);
    has('web');
    link.report('local', { state: 'ok' });
    await pass(200);
    expect(daemon.said.slice(3)).toEqual(['put 1: web']);
  });
});

describe('an engine that cannot be read', () => {
  it('is told of once, and when it is back', () => {
    link.report('local', { state: 'down', message: 'connect EACCES; tried again in 0.6 s' });
    link.report('local', { state: 'down', message: 'connect EACCES; tried again in 1 s' });
    link.report('local', { state: 'ok' });
    link.report('local', { state: 'ok' });
    expect(engines).toEqual(['down: connect EACCES; tried again in 0.6 s', 'ok: undefined']);
  });

  it('is no news when it could be read from the start', () => {
    has('web');
    link.report('local', { state: 'ok' });
    expect(engines).toEqual([]);
  });
});

describe('a daemon that does not answer', () => {
  const away = new EnvoyageError('daemon-unreachable', 'no daemon answers');

  it('is asked again, more and more slowly, and gets the newest alone when it is back', async () => {
    daemon.fault = away;
    has('a');
    await pass(60_000);
    const tries = daemon.said.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
    has('b');
    has('c');
    await pass(10_100);
    daemon.fault = undefined;
    daemon.said.length = 0;
    await pass(10_100);
    expect(daemon.said).toEqual(['put 3: c']);
    expect(faults).toEqual(['no daemon answers', undefined]);
  });

  it('is not hurried by what happens meanwhile', async () => {
    daemon.fault = away;
    has('a');
    await pass(60_000);
    daemon.said.length = 0;
    for (let i = 0; i < 90; i++) {
      has(`b${i}`);
      await pass(100);
    }
    expect(daemon.said.length).toBeLessThanOrEqual(1);
  });

  it('is told of what changed while an answer was under way', async () => {
    daemon.held = Promise.withResolvers();
    has('a');
    await pass(150);
    has('b');
    await pass(10);
    expect(daemon.said).toEqual(['put 1: a']);
    daemon.held.resolve();
    await pass(200);
    expect(daemon.said).toEqual(['put 1: a', 'put 2: b']);
  });

  it('keeps what it took before, where it cannot take what is new', async () => {
    has('a');
    await pass(150);
    daemon.faultOfPut = new EnvoyageError('invalid-request', 'containers: must be at most 2000 containers');
    has('b');
    await pass(150);
    expect(daemon.said).toEqual(['put 1: a', 'put 2: b', 'renew 1']);
    await pass(60_000);
    expect(daemon.said.filter((each) => each === 'renew 1').length).toBeGreaterThan(5);
    daemon.faultOfPut = undefined;
    await pass(10_100);
    expect([daemon.said.at(-1), faults]).toEqual(['put 2: b', [undefined, 'containers: must be at most 2000 containers', undefined]]);
  });

  it('says each reason once', async () => {
    daemon.fault = new EnvoyageError('unauthorized', 'the token that agent "h1" sent is not one');
    has('a');
    await pass(30_000);
    daemon.fault = new EnvoyageError('agent-conflict', 'another machine has the name');
    await pass(30_000);
    expect(faults).toEqual(['the token that agent "h1" sent is not one', 'another machine has the name']);
  });
});
