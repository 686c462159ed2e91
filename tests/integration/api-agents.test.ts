import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Flags } from '../../src/config/load.ts';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import type { ProviderStatus } from '../../src/model/provider-status.ts';
import { container, renewal, report } from '../../src/providers/agents/agents.fixture.ts';
import type { Container } from '../../src/providers/docker/container.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { type Answer, TestApi, tempFolder } from '../support/api.ts';
import { waitFor } from '../support/wait.ts';

let api: TestApi;
let folder: ReturnType<typeof tempFolder>;
afterEach(async () => {
  await api.daemon.close();
  folder.remove();
});

async function start(flags: Flags = { agents: true }, tokens?: string): Promise<void> {
  folder = tempFolder();
  if (tokens !== undefined) writeFileSync(join(folder.path, 'agents'), tokens);
  await restart(tokens === undefined ? flags : { 'agent-token-file': join(folder.path, 'agents'), ...flags });
}

/** Drains and lingers are short, so that a test sees all of it. */
async function restart(flags: Flags, headers = {}): Promise<void> {
  api = await TestApi.start(flags, headers, folder.kept);
}

const web = (port: number, more: Partial<Container> = {}): Container =>
  container(`web-${port}`, {
    labels: { 'envoyage.enable': 'true', 'envoyage.host': 'web.example.com', 'envoyage.drain': '1s', 'envoyage.linger': '1s' },
    exposed: [{ port: 80, protocol: 'tcp' }],
    published: [{ port: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: port }],
    ...more,
  });

/** What a host says of itself; each has an instance of its own. */
const says = (host: string, containers: readonly Container[], more: object = {}) =>
  report(containers, { instance: `machine-${host}`, address: `192.0.2.${host.slice(1)}`, ...more });

const put = (host: string, body: object, headers = {}): Promise<Answer> => api.call('PUT', `/api/v1/agents/${host}`, { body, headers });
const renew = (host: string, more: object = {}, headers = {}): Promise<Answer> =>
  api.call('POST', `/api/v1/agents/${host}/lease`, { body: renewal({ instance: `machine-${host}`, ...more }), headers });
const agents = async (): Promise<AgentStatus[]> => (await api.call('GET', '/api/v1/agents')).json<{ agents: AgentStatus[] }>().agents;

/** The endpoints of the one service, each with its state: `192.0.2.1:8001`, `192.0.2.1:8001 draining`. */
async function endpoints(): Promise<string[]> {
  const { services } = (await api.call('GET', '/api/v1/services')).json<{ services: { endpoints: (string | { address: string; state?: string })[] }[] }>();
  expect(services.length).toBeLessThanOrEqual(1);
  return (services[0]?.endpoints ?? []).map((each) => (typeof each === 'string' ? each : [each.address, each.state].filter(Boolean).join(' '))).toSorted();
}
const until = (...wanted: string[]): Promise<unknown> =>
  waitFor(`the endpoints ${wanted.join(', ')}`, async () => (await endpoints()).join() === wanted.join());

describe('agents', () => {
  it('make one service of what runs on several hosts', async () => {
    await start();
    for (const host of ['h1', 'h2', 'h3']) expect((await put(host, says(host, [web(8001)]))).json()).toMatchObject({ state: 'known' });
    await until('192.0.2.1:8001', '192.0.2.2:8001', '192.0.2.3:8001');
    await put('h2', says('h2', [web(8001), web(8002)], { sequence: 2 }));
    await until('192.0.2.1:8001', '192.0.2.2:8001', '192.0.2.2:8002', '192.0.2.3:8001');
    expect(await agents()).toMatchObject([
      { name: 'h1', state: 'alive', containers: 1, address: '192.0.2.1' },
      { name: 'h2', containers: 2 },
      { name: 'h3', engine: { state: 'ok' } },
    ]);
    const metrics = (await api.call('GET', '/metrics')).text;
    expect(metrics).toMatch(/^envoyage_agents\{state="alive"\} 3$/m);
    expect(metrics).toMatch(/^envoyage_agent_containers\{agent="h2"\} 2$/m);
    expect(metrics).toMatch(/^envoyage_agent_reports_total 4$/m);
  });

  it('that are lost drain, and go; who renews stays', async () => {
    await start();
    await put('h1', says('h1', [web(8001)], { lease: 3600 }));
    await put('h2', says('h2', [web(8001)], { lease: 2 }));
    await until('192.0.2.1:8001', '192.0.2.2:8001');
    await until('192.0.2.1:8001', '192.0.2.2:8001 draining');
    await until('192.0.2.1:8001');
    expect(await agents()).toMatchObject([
      { name: 'h1', state: 'alive' },
      { name: 'h2', state: 'lost' },
    ]);
    const provider = (await api.call('GET', '/metrics')).text;
    expect(provider).toMatch(/^envoyage_agent_leases_ended_total 1$/m);
    await put('h2', says('h2', [web(8001)]));
    await until('192.0.2.1:8001', '192.0.2.2:8001');
  });

  it('show in how the provider is, each as a part of it', async () => {
    const docker = async () => (await api.call('GET', '/api/v1/providers/discovery/docker')).json<{ provider: ProviderStatus }>().provider;
    await start();
    await put('h1', says('h1', [web(8001)], { lease: 2 }));
    await until('192.0.2.1:8001');
    expect(await docker()).toMatchObject({ state: 'ok', source: 'agents', parts: [{ name: 'h1', state: 'ok' }] });
    await until('192.0.2.1:8001 draining');
    const lost = { state: 'down', message: expect.stringContaining('its agent was not heard of in time') };
    expect(await docker()).toMatchObject({ ...lost, parts: [{ name: 'h1', ...lost }] });
    await until();
    expect(await docker()).toMatchObject({ ...lost, parts: [{ name: 'h1', ...lost }] });
  });

  it('do not wait for an engine of the daemon’s own host that is away, and take nothing of it away', async () => {
    const flags = { agents: true, docker: true, 'docker-host': `unix://${tmpdir()}/no-such-engine-${process.pid}.sock` };
    await start(flags);
    await put('h1', says('h1', [web(8001)]));
    await until('192.0.2.1:8001');
    await api.daemon.close();
    // What the engine said, before it and the daemon went.
    const registry = openRegistry({ dataDir: join(folder.path, 'data') });
    const engine = { host: 'local', address: '192.0.2.9', containers: [web(8009, { id: '9'.repeat(64), networkMode: 'none' })] };
    const labels = { ...web(8009).labels, 'envoyage.address': 'host' };
    const body = JSON.stringify({ ...engine, containers: engine.containers.map((each) => ({ ...each, labels })) });
    registry.deposits.put({ kind: 'engine', name: 'local', body, ttl: undefined, by: 'docker@provider', at: new Date().toISOString() });
    registry.close();
    await restart(flags);
    await put('h2', says('h2', [web(8002)]));
    await until('192.0.2.1:8001', '192.0.2.2:8002', '192.0.2.9:8009');
  });

  it('that come back while they drain are as they were, by a few words', async () => {
    await start();
    const long = { labels: { ...web(8001).labels, 'envoyage.drain': '1h' } };
    await put('h1', says('h1', [web(8001, long)], { lease: 2 }));
    await until('192.0.2.1:8001');
    await until('192.0.2.1:8001 draining');
    expect((await renew('h1')).json()).toMatchObject({ state: 'known' });
    await until('192.0.2.1:8001');
  });

  it('that say goodbye drain at once, and are forgotten', async () => {
    await start();
    await put('h1', says('h1', [web(8001, { labels: { ...web(8001).labels, 'envoyage.drain': '2s' } })]));
    await until('192.0.2.1:8001');
    expect((await api.call('DELETE', '/api/v1/agents/h1?instance=machine-h9&run=1')).problem().code).toBe('agent-conflict');
    expect((await api.call('DELETE', '/api/v1/agents/h1?instance=machine-h1&run=1')).json()).toEqual({ name: 'h1', state: 'left' });
    await until('192.0.2.1:8001 draining');
    await waitFor('it to be forgotten', async () => (await agents()).length === 0);
    await until();
    expect((await api.call('DELETE', '/api/v1/agents/h1')).problem().code).toBe('agent-not-found');
  });

  it('outlive the daemon: nothing goes, each has a whole lease', async () => {
    await start();
    for (const host of ['h1', 'h2']) await put(host, says(host, [web(8001)]));
    await until('192.0.2.1:8001', '192.0.2.2:8001');
    const before = (await api.call('GET', '/api/v1/objects')).text;
    await api.daemon.close();
    await restart({ agents: true });
    expect((await api.call('GET', '/api/v1/objects')).text).toBe(before);
    expect((await renew('h1')).json()).toMatchObject({ state: 'known' });
    await put('h2', says('h2', [web(8001), web(8002)], { sequence: 2 }));
    await until('192.0.2.1:8001', '192.0.2.2:8001', '192.0.2.2:8002');
    expect(await agents()).toMatchObject([{ state: 'alive' }, { state: 'alive' }]);
  });

  it('whose option is gone take their services with them', async () => {
    await start();
    await put('h1', says('h1', [web(8001)]));
    await until('192.0.2.1:8001');
    await api.daemon.close();
    await restart({});
    await until();
    expect((await put('h1', says('h1', []))).problem()).toMatchObject({ code: 'agent-refused', detail: expect.stringContaining('takes no agents') });
  });

  it('speak from where they are, unless they say otherwise', async () => {
    await start();
    await put('h1', report([web(8001)]));
    await until('127.0.0.1:8001');
  });
});

describe('what is older', () => {
  it('does not replace what is newer, nor does another machine', async () => {
    await start();
    await put('h1', says('h1', [web(8002)], { run: 5, sequence: 9 }));
    for (const older of [
      { run: 5, sequence: 8 },
      { run: 4, sequence: 10 },
      { instance: 'machine-x', run: 6 },
    ]) {
      expect((await put('h1', says('h1', [web(8001)], older))).problem()).toMatchObject({ status: 409, code: 'agent-conflict' });
    }
    expect((await renew('h1', { run: 4 })).problem().code).toBe('agent-conflict');
    await until('192.0.2.1:8002');
    expect((await api.call('GET', '/metrics')).text).toMatch(/^envoyage_agent_refused_total 4$/m);
  });
});

describe('tokens', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('speak for their own name, open nothing else, and follow the file', async () => {
    folder = tempFolder();
    const [all, own] = [join(folder.path, 'all'), join(folder.path, 'agents')];
    writeFileSync(all, 's3cret');
    writeFileSync(own, 'h1 one\nh2 two\n');
    await restart({ 'agent-token-file': own, 'http-token-file': all }, bearer('s3cret'));
    const body = says('h1', [web(8001)]);
    expect((await put('h1', body, bearer('one'))).status).toBe(200);
    expect((await renew('h1', {}, bearer('one'))).status).toBe(200);
    expect((await put('h1', body, bearer('s3cret'))).status).toBe(200);
    expect((await put('h1', body, bearer('two'))).problem()).toMatchObject({ status: 403, code: 'agent-refused', detail: expect.stringContaining('"h2"') });
    expect((await put('h1', body, bearer('wrong'))).problem()).toMatchObject({ status: 401, detail: expect.stringContaining('agent "h1"') });
    expect((await put('h1', body, { authorization: '' })).problem()).toMatchObject({ status: 401, detail: 'agent "h1" sent no token' });
    for (const path of ['/api/v1/agents', '/api/v1/services', '/metrics', '/api/v1/backup']) {
      expect((await api.call('GET', path, { headers: bearer('one') })).status, path).toBe(401);
    }
    expect((await api.call('DELETE', '/api/v1/agents/h1', { headers: bearer('two') })).status).toBe(403);
    writeFileSync(own, 'broken\n');
    await waitFor('the daemon to say so', () => api.log.some(({ msg }) => msg.includes('tokens of agents are not replaced')));
    expect((await renew('h1', {}, bearer('one'))).status).toBe(200);
    writeFileSync(own, 'h1 new\n');
    await waitFor('the new token to count', async () => (await renew('h1', {}, bearer('new'))).status === 200);
    expect((await renew('h1', {}, bearer('one'))).status).toBe(401);
  });

  it('are asked for on loopback as well, where there is a file of them', async () => {
    await start({}, '* any\n');
    expect((await put('h1', says('h1', []))).status).toBe(401);
    expect((await put('h1', says('h1', []), bearer('any'))).status).toBe(200);
    expect((await api.call('GET', '/api/v1/agents')).status).toBe(200);
  });
});

describe('garbage', () => {
  const good = says('h1', [web(8001)]);

  it.each<[string, object]>([
    ['no instance', { ...good, instance: undefined }],
    ['an instance that is none', { ...good, instance: 'a b' }],
    ['a lease without an end', { ...good, lease: 1e9 }],
    ['a lease of nothing', { ...good, lease: 0 }],
    ['an address that is none', { ...good, address: 'evil.example.com' }],
    ['a sequence below none', { ...good, sequence: -1 }],
    ['an unknown state', { ...good, containers: [{ ...web(1), state: 'gone' }] }],
    ['labels that are no text', { ...good, containers: [{ ...web(1), labels: { a: 1 } }] }],
    ['a port that is none', { ...good, containers: [{ ...web(1), exposed: [{ port: 99_999, protocol: 'tcp' }] }] }],
    ['a time that is none', { ...good, containers: [{ ...web(1), stoppingSince: 'yesterday' }] }],
    ['too many labels', { ...good, containers: [{ ...web(1), labels: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`l${i}`, ''])) }] }],
    ['too many containers', { ...good, containers: Array.from({ length: 2001 }, () => ({})) }],
    ['a list', []],
  ])('%s is refused, and nothing changes', async (_, body) => {
    await start();
    await put('h1', good);
    await until('192.0.2.1:8001');
    expect((await put('h1', { ...body, ...(Array.isArray(body) ? {} : { sequence: (body as { sequence?: number }).sequence ?? 2 }) })).status).toBe(400);
    expect(await endpoints()).toEqual(['192.0.2.1:8001']);
  });

  it('is not what a newer agent says beyond what is known: that is passed over', async () => {
    await start();
    await put('h1', { ...says('h1', [{ ...web(8001), colour: 'blue' } as Container]), host: 'h2', address: '192.0.2.1' });
    await until('192.0.2.1:8001');
    expect((await agents()).map(({ name }) => name)).toEqual(['h1']);
  });

  it('is nothing that the watcher of engines may tell', async () => {
    await start();
    const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
    const large = container('large', {
      name: 'x'.repeat(255),
      createdAt: '2026-01-02T03:04:05.123456789Z',
      labels: Object.fromEntries(many(1000, (i) => [`envoyage.x${i}`, 'y'.repeat(50)])),
      networkMode: `container:${'0'.repeat(64)}`,
      networks: many(200, (i) => ({ name: `network-${i}`, ip: `10.0.0.${i}`, ipv6: `fd00::${i}` })),
      exposed: many(1000, (i) => ({ port: i + 1, protocol: 'sctp' as const })),
      published: many(2000, (i) => ({ port: (i % 1000) + 1, protocol: 'tcp' as const, hostIp: i < 1000 ? '0.0.0.0' : '::', hostPort: 10_000 + i })),
      stoppingSince: '2026-01-02T03:04:05.678Z',
      exitedAt: '2026-01-02T04:04:05+01:00',
    });
    expect((await put('h1', says('h1', [large]))).json()).toMatchObject({ state: 'known' });
  });

  it('in the name or by its size is refused as well', async () => {
    await start();
    for (const name of ['local', 'H1', '-', 'a%2Fb', 'a'.repeat(129)]) expect((await put(name, good)).problem().code, name).toBe('invalid-request');
    const large = says('h1', [web(1, { labels: { 'envoyage.host': 'x'.repeat(60_000) } })]);
    expect((await put('h1', large)).status).toBe(200);
    const many = JSON.stringify({ ...good, version: 'x'.repeat(5 * 1024 * 1024) });
    expect((await api.call('PUT', '/api/v1/agents/h1', { body: many })).problem()).toMatchObject({
      code: 'body-too-large',
      detail: expect.stringContaining('4096000'),
    });
    expect((await api.call('POST', '/api/v1/agents/h1/lease', { body: 'x'.repeat(20_000) })).problem().code).toBe('body-too-large');
  });
});
