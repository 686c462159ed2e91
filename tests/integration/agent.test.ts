import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentOptions, runAgent } from '../../src/agent/run.ts';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import { container } from '../../src/providers/agents/agents.fixture.ts';
import type { EngineListener, EngineSource } from '../../src/providers/docker/engines.ts';
import { type Line, TestApi, tempFolder } from '../support/api.ts';
import { waitFor } from '../support/wait.ts';

/** An engine that has what the test says. */
class ToldEngine implements EngineSource {
  readonly hosts = ['local'];
  readonly #names: string[];
  #listener: EngineListener | undefined;

  constructor(...names: string[]) {
    this.#names = names;
  }

  start(listener: EngineListener): void {
    this.#listener = listener;
    if (this.#names.length > 0) this.has(...this.#names);
    else listener.report('local', { state: 'down', message: 'connect ENOENT' });
  }

  has(...names: string[]): void {
    const containers = names.map((name, i) =>
      container(name, {
        labels: { 'envoyage.enable': 'true', 'envoyage.host': `${name}.example.com`, 'envoyage.drain': '1h' },
        exposed: [{ port: 80, protocol: 'tcp' }],
        published: [{ port: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8001 + i }],
      }),
    );
    this.#listener?.state({ host: 'local', containers });
    this.#listener?.report('local', { state: 'ok' });
  }

  resync(): void {}

  async stop(): Promise<void> {
    this.#listener = undefined;
  }
}

let folder: ReturnType<typeof tempFolder>;
let api: TestApi;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = tempFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const tls = { 'http-tls-cert': file('cert.pem', CERTIFICATE), 'http-tls-key': file('key.pem', KEY) };
  const tokens = { 'http-token-file': file('token', 's3cret'), 'agent-token-file': file('agents', 'h1 one\nh2 two\n') };
  api = await TestApi.start({ ...tls, ...tokens }, { authorization: 'Bearer s3cret' }, folder);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await api.close();
});

/** @returns what it logs, and what ends it */
function start(engine: EngineSource, more: Partial<AgentOptions> = {}): { log: Line[]; stop: () => Promise<void> } {
  const log: Line[] = [];
  const ended = new AbortController();
  const logger = createLogger({ level: 'info', format: 'json', stream: { write: (line) => log.push(JSON.parse(line) as Line) } });
  const server = new URL(`https://localhost:${api.port}`);
  const options = { server, name: 'h1', address: '192.0.2.1', token: () => 'one', ca: CERTIFICATE, lease: 3, renew: 1, leaves: true, engine: 'test', ...more };
  const ran = runAgent(options, engine, logger, ended.signal);
  const stop = (): Promise<void> => {
    ended.abort();
    return ran;
  };
  stops.push(stop);
  return { log, stop };
}

/** Names, each with the state of its endpoint. */
async function services(): Promise<string[]> {
  const { services: all } = (await api.call('GET', '/api/v1/services')).json<{ services: { id: string; endpoints: (string | { state?: string })[] }[] }>();
  return all.map(({ id, endpoints: [first] }) => `${id}${typeof first === 'object' ? ` ${first.state}` : ''}`);
}
const until = (...wanted: string[]): Promise<unknown> => waitFor(wanted.join(), async () => (await services()).join() === wanted.join());
const agents = async (): Promise<AgentStatus[]> => (await api.call('GET', '/api/v1/agents')).json<{ agents: AgentStatus[] }>().agents;

describe('an agent', () => {
  it('tells of its engine over TLS, as long as it runs, and says goodbye', async () => {
    const engine = new ToldEngine('a');
    const { log, stop } = start(engine);
    await until('a.example.com');
    engine.has('a', 'b');
    await until('a.example.com', 'b.example.com');
    const seen = (await agents())[0]?.seenAt ?? '';
    await waitFor('it to renew its lease', async () => ((await agents())[0]?.seenAt ?? '') > seen);
    expect(log.slice(0, 2).map(({ msg }) => msg)).toEqual(['the agent begins', 'the daemon knows this host']);
    await stop();
    await until('a.example.com draining', 'b.example.com draining');
    expect(log.at(-1)?.msg).toBe('the agent said goodbye: what runs here drains');
  });

  it('that ends without a goodbye drains when its lease ends, and one that begins in its place mends that', async () => {
    const { stop } = start(new ToldEngine('a'), { leaves: false });
    await until('a.example.com');
    await stop();
    expect(await services()).toEqual(['a.example.com']);
    await until('a.example.com draining');
    expect((await agents())[0]?.state).toBe('lost');
    start(new ToldEngine('a'));
    await until('a.example.com');
  });

  it('whose engine is away keeps what the one before it said', async () => {
    const { stop } = start(new ToldEngine('a'), { leaves: false });
    await until('a.example.com');
    await stop();
    const engine = new ToldEngine();
    start(engine);
    await waitFor('the daemon to know', async () => (await agents())[0]?.engine.message === 'connect ENOENT');
    const ends = (await agents())[0]?.leaseEndsAt ?? '';
    await waitFor('the lease to be renewed', async () => ((await agents())[0]?.leaseEndsAt ?? '') > ends);
    expect(await services()).toEqual(['a.example.com']);
    engine.has('b');
    await until('b.example.com');
  });

  it('is told what is wrong with its token, its name and the authority, and is let in once that is mended', async () => {
    let token = 'two';
    const { log } = start(new ToldEngine('a'), { token: () => token });
    await waitFor('it to be refused', () => log.some(({ msg }) => msg.includes('is that of agent "h2"')));
    token = 'wrong';
    await waitFor('it to be refused', () => log.some(({ msg }) => msg.includes('is not one of --agent-token-file')));
    const strange = start(new ToldEngine('a'), { ca: undefined });
    await waitFor('it to turn away', () => strange.log.some(({ hint }) => hint === 'name the authority to trust with --ca FILE'));
    const twin = start(new ToldEngine('b'), { engine: 'another' });
    await until('b.example.com');
    token = 'one';
    await waitFor('it to be refused', () => log.some(({ msg }) => msg.includes('another machine has the name "h1"')));
    expect(await services()).toEqual(['b.example.com']);
    await twin.stop();
    await waitFor('it to be let in', async () => (await services()).includes('a.example.com'));
  });
});
