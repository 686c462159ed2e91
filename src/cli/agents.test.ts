import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../model/agent-status.ts';
import { FakeApi, NOW, run as runCli } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());

const at = (ms: number): string => new Date(NOW + ms).toISOString();
const agent = (name: string, more: Partial<AgentStatus> = {}): AgentStatus => ({
  name,
  state: 'alive',
  since: at(-3_600_000),
  address: '10.0.0.1',
  version: '0.1.0',
  containers: 3,
  lease: 30,
  leaseEndsAt: at(25_000),
  seenAt: at(-5000),
  engine: { state: 'ok' },
  ...more,
});
const run = (...argv: string[]) => runCli(argv, { env: { ENVOYAGE_SERVER: api.url } });

describe('agents', () => {
  it('lists the hosts, how each of them is, and how long its lease runs', async () => {
    const agents = [
      agent('h1'),
      agent('h2', { engine: { state: 'down', message: 'connect ENOENT' }, containers: 1 }),
      agent('h3', { state: 'lost', leaseEndsAt: at(-120_000), containers: 0 }),
      agent('h4', { state: 'left', leaseEndsAt: at(-1000) }),
    ];
    api.routes = { 'GET /api/v1/agents': { body: { agents } } };
    const ran = await run('agents');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe(`  AGENT  STATE                                      ADDRESS   CONTAINERS    LEASE
  h1     alive                                      10.0.0.1  3 containers  25 s of 30 s left
  h2     alive, its engine is down: connect ENOENT  10.0.0.1  1 container   25 s of 30 s left
  h3     lost, draining or gone                     10.0.0.1  0 containers  ended 2 min ago
  h4     left, draining                             10.0.0.1  3 containers  ended 1 s ago
`);
    expect(JSON.parse((await run('agents', '--json')).stdout)).toEqual({ agents });
  });

  it('says how to begin where there is none', async () => {
    api.routes = { 'GET /api/v1/agents': { body: { agents: [] } } };
    expect((await run('agents')).stdout).toBe('no host has an agent; on one: envoyage agent --join URL\n');
  });

  it('forgets one', async () => {
    api.routes = { 'GET /api/v1/agents': { body: { agents: [] } }, 'DELETE /api/v1/agents/h3': { body: { name: 'h3', state: 'left' } } };
    await run('agents', '--forget', 'h3');
    expect(api.requests).toEqual(['DELETE /api/v1/agents/h3', 'GET /api/v1/agents']);
  });
});

describe('agent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'envoyage-agent-'));
  writeFileSync(join(folder, 'empty'), '');
  afterAll(() => rmSync(folder, { recursive: true }));
  const JOIN = ['--join', 'https://control:8080', '--name', 'h1'];

  it.each([
    [[], 2, /--join/],
    [['--join', 'http://control:8080'], 2, /plain HTTP to another machine.*\n.*--insecure-plaintext/],
    [['--join', 'https://control:8080', '--name', 'H 1'], 2, /"H 1", is not 1 to 128/],
    [['--join', 'https://control:8080', '--name', 'local'], 2, /is what the host of the daemon is called/],
    [[...JOIN, '--address', 'h1.example.com'], 2, /is not an IP address/],
    [[...JOIN, '--lease', '10', '--renew', '10'], 2, /--renew 10 is not less than --lease 10/],
    [[...JOIN, '--lease', '0.5'], 2, /whole number of seconds/],
    [[...JOIN, '--ca', 'none.pem'], 2, /--ca ".*none.pem" does not exist/],
    [[...JOIN, '--token-file', 'empty'], 2, /--token-file ".*empty" holds no token/],
    [[...JOIN, '--docker-host', 'ssh://h1'], 2, /--docker-host/],
  ])('%j ends with %i', async (argv, code, message) => {
    const ran = await runCli(['agent', ...argv], { cwd: folder });
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(message)]);
  });
});
