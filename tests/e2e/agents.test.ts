import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import { Authority } from '../support/certificates.ts';
import { PORT, UPSTREAM_FLAGS } from '../support/containers.ts';
import { noPrivateEngine } from '../support/docker.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, testEnvoy } from '../support/envoys.ts';
import { Control, Host, type Running } from '../support/hosts.ts';
import { ask, Load } from '../support/load.ts';
import { IMAGE, startPlainEngine } from '../support/plain-engine.ts';
import { freePort } from '../support/ports.ts';
import { tempDir } from '../support/program.ts';
import { TestEnvoy } from '../support/test-envoy.ts';
import { waitFor } from '../support/wait.ts';

// On CI there must be engines: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : noPrivateEngine();
if (reason !== undefined) console.warn(`several hosts are not tested: ${reason}`);

const HOST = 'web.example.com';
/** Where Envoys on the hosts listen. */
const EDGE_PORT = 10_000;
/** Seconds: short enough to be waited for, far longer than a busy machine needs to say a few words. */
const LEASE = ['--lease', '8', '--renew', '1'];

interface Services {
  readonly services: readonly { readonly id: string; readonly endpoints: readonly (string | { readonly address: string; readonly state?: string })[] }[];
  readonly revision: number;
}

describe.skipIf(reason !== undefined)('three hosts, each with an engine and an agent', () => {
  const folder = tempDir();
  const file = (name: string, text: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const hosts: Host[] = [];
  const agents: Running[] = [];
  let control: Control;
  let envoy: TestEnvoy;
  let edge: Running;
  let port: number;

  const host = (number: number): Host => hosts[number - 1] as Host;
  const begin = (number: number, more: readonly string[] = []): void => {
    agents[number - 1] = host(number).startAgent(control, ['--token-file', join(folder.path, `h${number}.token`), ...LEASE, ...more]);
  };
  /** A replica of the one service, published at `at`, that answers with its name; told to stop, it takes requests for a second more. */
  const replica = async (number: number, name: string, at: number): Promise<void> => {
    const labels = ['envoyage.enable=true', `envoyage.host=${HOST}`, 'envoyage.drain=2s', 'envoyage.linger=1s'].flatMap((each) => ['--label', each]);
    // Without a check, a container counts from its start on, which is before its program listens.
    const check = ['--health-cmd', `bash -c '</dev/tcp/127.0.0.1/${PORT}'`, '--health-interval', '500ms', '--health-start-period', '60s'];
    const named = ['--name', name, '--hostname', name, '--publish', `${at}:${PORT}`];
    await host(number).engine.docker('run', '-d', ...named, ...labels, ...check, ...UPSTREAM_FLAGS, IMAGE, 'node', '/upstream.mjs', String(PORT), '1000');
  };
  const services = (): Promise<Services> => control.ask('GET', '/api/v1/services');
  const endpoints = async (): Promise<string[]> => {
    const all = (await services()).services;
    expect(all.length).toBeLessThanOrEqual(1);
    return (all[0]?.endpoints ?? []).map((each) => (typeof each === 'string' ? each : [each.address, each.state].filter(Boolean).join(' '))).toSorted();
  };
  const until = (...wanted: string[]): Promise<unknown> => {
    const sorted = wanted.toSorted().join();
    return waitFor(`the endpoints ${sorted}`, async () => (await endpoints()).join() === sorted);
  };
  const at = (number: number, state = '', published = 8001): string => `${host(number).address}:${published}${state}`;
  /** Who answers through an Envoy, once as many as that do. */
  const answering = async (address: string, listener: number, ...names: string[]): Promise<void> => {
    const seen = new Set<string>();
    await waitFor(`${names.join(', ')} to answer at ${address}`, async () => {
      const { status, body } = await ask(listener, HOST, undefined, 5000, address).catch(() => ({ status: 0, body: '' }));
      if (status === 200) seen.add(body);
      return names.every((name) => seen.has(name));
    });
  };
  const states = async (): Promise<string[]> =>
    (await control.ask<{ agents: AgentStatus[] }>('GET', '/api/v1/agents')).agents.map(({ name, state }) => `${name} ${state}`);
  /** Nothing that `work` does may lose a request. */
  const underLoad = async (work: () => Promise<void>): Promise<void> => {
    const load = new Load(port, HOST, 'web-1', 4);
    for (const name of ['web-2', 'web-3', 'web-4']) load.switching(name);
    try {
      await work();
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.requests).toBeGreaterThan(100);
  };

  beforeAll(async () => {
    const bin = await testEnvoy('1.40.0');
    for (const name of ['h1', 'h2', 'h3']) {
      hosts.push(await Host.of(await startPlainEngine(), name));
      file(`${name}.token`, `token-of-${name}\n`);
    }
    const authority = new Authority('agents');
    const { cert, key } = authority.issue({ dns: ['localhost'], ips: hosts.map(({ gateway }) => gateway) });
    port = await freePort();
    const [httpPort, xdsPort] = [await freePort(), await freePort()];
    const tokens = hosts.map(({ name }) => `${name} token-of-${name}`).join('\n');
    control = new Control(
      {
        port: httpPort,
        xdsPort,
        dataDir: join(folder.path, 'data'),
        ca: file('ca.pem', authority.cert),
        cert: file('cert.pem', cert),
        key: file('key.pem', key),
        tokenFile: file('http.token', 's3cret'),
        agentTokenFile: file('agents.tokens', tokens),
        listeners: [`127.0.0.1:${port}`, `edge=0.0.0.0:${EDGE_PORT}`],
      },
      authority.cert,
      's3cret',
    );
    await control.start();
    envoy = await TestEnvoy.create({ bin, folder: folder.path, nodeId: 'central', xdsPort });
    envoy.start();
    edge = host(1).startEnvoy(bin, folder.path, 'edge', xdsPort);
  }, ENVOY_INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await edge?.stop();
    await envoy?.stop();
    await control?.stop();
    await Promise.all(hosts.map(({ engine }) => engine.close()));
    folder.remove();
  });

  it('an agent with a wrong token, or that of another, is refused by name, and so is one that does not know the authority', async () => {
    const other = host(3).startAgent(control, ['--token-file', join(folder.path, 'h1.token'), ...LEASE]);
    const wrong = host(3).startAgent(control, ['--token-file', file('wrong.token', 'wrong'), ...LEASE]);
    const strange = host(3).startAgent({ port: control.port, ca: file('other.pem', new Authority('other').cert) }, LEASE);
    try {
      await waitFor('the first to be refused', () => other.log.includes('the token is that of agent \\"h1\\", and does not speak for \\"h3\\"'));
      await waitFor('the second to be refused', () => wrong.log.includes('the token that agent \\"h3\\" sent is not one of --agent-token-file'));
      await waitFor('the third to turn away', () => strange.log.includes('name the authority to trust with --ca FILE'));
      expect(await states()).toEqual([]);
    } finally {
      await Promise.all([other, wrong, strange].map((agent) => agent.stop()));
    }
  });

  it('one service has an endpoint on each host, and requests reach all of them from each Envoy', { timeout: 120_000 }, async () => {
    for (const number of [1, 2, 3]) begin(number);
    await Promise.all([1, 2, 3].map((number) => replica(number, `web-${number}`, 8001)));
    await until(at(1), at(2), at(3));
    expect(await states()).toEqual(['h1 alive', 'h2 alive', 'h3 alive']);
    await answering('127.0.0.1', port, 'web-1', 'web-2', 'web-3');
    await answering(host(1).address, EDGE_PORT, 'web-1', 'web-2', 'web-3');
    const listed = await control.cli('agents');
    expect(listed.stdout).toMatch(new RegExp(`^ {2}h1 +alive +${host(1).address} +1 container +[\\d.]+ s of 8 s left$`, 'm'));
  });

  it('an agent that dies drains its endpoints after its lease, while what it told of runs on', { timeout: 120_000 }, async () => {
    await underLoad(async () => {
      await agents[2]?.stop('SIGKILL');
      await until(at(1), at(2), at(3, ' draining'));
      await until(at(1), at(2));
      expect(await states()).toEqual(['h1 alive', 'h2 alive', 'h3 lost']);
      expect(await host(3).engine.docker('inspect', '--format', '{{.State.Running}}', 'web-3')).toBe('true');
      begin(3);
      await until(at(1), at(2), at(3));
      await answering('127.0.0.1', port, 'web-3');
    });
  });

  it('an agent that is started anew at once changes nothing', { timeout: 120_000 }, async () => {
    const { revision } = await services();
    await agents[0]?.stop('SIGKILL');
    begin(1);
    await waitFor('it to be known', () => agents[0]?.log.includes('the daemon knows this host'));
    expect(await services()).toMatchObject({ revision });
  });

  it('a network that is away for less than the lease changes nothing', { timeout: 120_000 }, async () => {
    const { revision } = await services();
    const before = agents[1]?.log.length ?? 0;
    await host(2).cutOff(control, true);
    try {
      await waitFor('the agent to notice', () => agents[1]?.log.slice(before).includes('nothing came within'));
    } finally {
      await host(2).cutOff(control, false);
    }
    await waitFor('the agent to be heard', () => agents[1]?.log.slice(before).includes('the daemon knows this host'));
    expect(await services()).toMatchObject({ revision });
  });

  it('a network that is away for longer heals by itself, with the newest that there is', { timeout: 120_000 }, async () => {
    await underLoad(async () => {
      const told = control.log.length;
      await host(2).cutOff(control, true);
      try {
        await until(at(1), at(2, ' draining'), at(3));
        await until(at(1), at(3));
        await replica(2, 'web-4', 8002);
      } finally {
        await host(2).cutOff(control, false);
      }
      await until(at(1), at(2), at(2, '', 8002), at(3));
      await answering('127.0.0.1', port, 'web-2', 'web-4');
      expect(control.log.slice(told).match(/"msg":"agent \w+"/g)).toEqual(['"msg":"agent lost"', '"msg":"agent back"']);
    });
  });

  it('a daemon that is killed and started anew takes nothing away', { timeout: 120_000 }, async () => {
    const all = [at(1), at(2), at(2, '', 8002), at(3)];
    await underLoad(async () => {
      const { revision } = await services();
      await control.stop('SIGKILL');
      await control.start();
      expect(await services()).toMatchObject({ revision });
      await waitFor('all agents to speak again', async () => {
        const { agents: known } = await control.ask<{ agents: AgentStatus[] }>('GET', '/api/v1/agents');
        return known.length === 3 && known.every(({ state, seenAt }) => state === 'alive' && seenAt !== undefined);
      });
      await until(...all);
      // What comes after it is heard of.
      await host(2).engine.docker('stop', '-t', '5', 'web-4');
      await until(at(1), at(2), at(3));
    });
  });

  it('an agent that is asked to end drains at once', { timeout: 120_000 }, async () => {
    await agents[2]?.stop();
    expect(agents[2]?.log).toContain('the agent said goodbye');
    for (const { log } of agents) expect(log).not.toMatch(/Warning|Deprecat/);
    await until(at(1), at(2));
    await waitFor('it to be forgotten', async () => (await states()).join() === 'h1 alive,h2 alive');
    expect(await ask(port, HOST)).toMatchObject({ status: 200 });
  });
});
