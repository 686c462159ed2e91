import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi, tempFolder } from '../support/api.ts';
import { type CliRan, cli } from '../support/cli.ts';
import { EventReader } from '../support/events.ts';
import { parsePrometheus } from '../support/prometheus.ts';
import { ToldProvider } from '../support/told-provider.ts';
import { waitFor } from '../support/wait.ts';

const service = (name: string, ...endpoints: unknown[]) => ({ kind: 'Service', name, host: `${name}.example.com`, endpoints });

describe('what providers declare, seen by commands, events and metrics', () => {
  let folder: ReturnType<typeof tempFolder>;
  let api: TestApi;
  let docker: ToldProvider;
  beforeEach(async () => {
    folder = tempFolder();
    docker = new ToldProvider('docker');
    api = await TestApi.start({ 'provider-module': [docker.moduleIn(folder.path)] }, {}, folder);
    docker.say([service('web', '10.0.0.1:80', '10.0.0.2:80')]);
    await waitFor('web', async () => (await envoyage('get', 'service', 'web')).code === 0);
  });
  afterEach(() => api.end());
  const envoyage = (...args: string[]): Promise<CliRan> => cli(api, args, { terminal: 80, env: { NO_COLOR: '1' } });

  it('cannot be changed by people: each command says whose it is and what can be done', async () => {
    writeFileSync(join(api.folder, 'web.yaml'), 'kind: Service\nname: web\nhost: web.example.com\nendpoints: ["b:1"]\n');
    for (const args of [
      ['apply', '-f', 'web.yaml'],
      ['switch', 'web@docker', 'b:1'],
      ['remove', 'web'],
      ['delete', 'service', 'web'],
      ['edit', 'service', 'web'],
    ]) {
      const { code, stdout, stderr } = await envoyage(...args);
      expect([code, stdout], args.join(' ')).toEqual([6, '']);
      expect(stderr, args.join(' ')).toMatch(/^error: .*comes from provider "docker", place 1: it is changed there$/m);
      expect(stderr, args.join(' ')).toMatch(/^hint: .*envoyage override web/m);
    }
    expect((await envoyage('get', 'service', 'web')).stdout).toContain('web@docker');
  });

  it('is drained, weighed and given back', async () => {
    expect((await envoyage('override', 'web@docker', '10.0.0.1:80', '--drain', '--for', '1h')).stdout).toBe(
      '10.0.0.1:80 of web@docker → draining for 1 h, saved; no Envoy is connected yet (envoyage bootstrap shows how to join one)\n',
    );
    expect((await envoyage('override')).stdout).toMatch(/^ {2}web@docker +10\.0\.0\.1:80 +draining +\S+ +in \d+ \w+$/m);
    const { stdout } = await envoyage('status');
    expect(stdout).toContain('10.0.0.1:80 (draining)');
    expect(stdout).toContain('\n1 provider: 1 ok, 1 object\n1 override (envoyage override lists it)\n');
    expect((await envoyage('override', 'web', '--clear')).stdout).toContain('1 override of web cleared');
    expect((await envoyage('get', 'service', 'web', '-o', 'json')).stdout).not.toContain('draining');
  });

  it('has its problems shown where people look', async () => {
    docker.say(
      [service('web', '10.0.0.1:80'), service('bad', 'nonsense')],
      [{ code: 'unreadable', origin: 'place 7', message: 'it cannot be read', hint: 'mend it' }],
    );
    await waitFor('the problems', async () =>
      (await envoyage('status')).stdout.includes('docker is degraded: 2 problems (envoyage providers docker shows them)'),
    );
    const { stdout } = await envoyage('providers', 'docker');
    expect(stdout).toContain('\n2 problems:\n  place 7: it cannot be read\n    hint: mend it\n  place 2, bad@docker: ');
    expect((await envoyage('providers', 'dokcer')).stderr).toContain('did you mean "docker"?');
  });

  it('is paused, resumed and read anew', async () => {
    expect(await envoyage('providers', 'pause', 'docker')).toMatchObject({ code: 0, stdout: 'docker is paused; what it declared stays as it is\n' });
    expect((await envoyage('status')).stdout).toContain('envoyage providers resume docker goes on');
    expect((await envoyage('providers', 'resume', 'docker')).stdout).toContain('docker goes on: 1 service');
    expect((await envoyage('providers', 'resync', 'docker')).stdout).toContain('docker is read anew: 1 service');
    docker.away('no way to the host');
    expect(await envoyage('providers', 'resync', 'docker')).toMatchObject({ code: 1, stdout: 'docker cannot read its source: no way to the host\n' });
  });

  it('is told of in events: what changed, and how the provider is', async () => {
    const events = await EventReader.open(api.port, '?since=0&only=revision,provider');
    try {
      docker.away('no way to the host');
      docker.away(undefined);
      docker.say([service('web', '10.0.0.1:80'), service('bad')]);
      const told = await waitFor('the end', () => {
        const all = events.told.filter((event) => event.event === 'provider');
        return all.at(-1)?.state === 'degraded' ? all : undefined;
      });
      expect(told.at(-1)).toMatchObject({ name: 'docker', state: 'degraded', problemCount: 1, problems: [{ object: 'bad@docker', origin: 'place 2' }] });
      const [first] = events.told.filter(({ event }) => event === 'revision');
      expect(first).toMatchObject({ provider: 'docker', author: 'docker@provider', changes: [{ name: 'web', change: 'created' }] });
    } finally {
      events.close();
    }
  });

  it('is counted', async () => {
    docker.say([service('web', '10.0.0.1:80'), service('bad')]);
    await envoyage('override', 'web', '--weight', '5');
    docker.away('no way to the host');
    const families = parsePrometheus((await api.call('GET', '/metrics')).text);
    const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
      families.get(name)?.samples.find((sample) => Object.entries(labels).every(([key, each]) => sample.labels[key] === each))?.value;
    const provider = 'docker';
    expect(value('envoyage_provider_up', { provider })).toBe(0);
    expect(value('envoyage_provider_state', { provider, state: 'down' })).toBe(1);
    expect(value('envoyage_provider_state', { provider, state: 'ok' })).toBe(0);
    expect(value('envoyage_provider_objects', { provider, kind: 'Service' })).toBe(1);
    expect(value('envoyage_provider_problems', { provider })).toBe(1);
    expect(value('envoyage_provider_last_sync_seconds', { provider })).toBeCloseTo(Date.now() / 1000, -3);
    expect(value('envoyage_provider_publishes_total', { provider })).toBeGreaterThanOrEqual(2);
    expect(value('envoyage_provider_changes_total', { provider })).toBeGreaterThanOrEqual(2);
    expect(value('envoyage_provider_failures_total', { provider })).toBe(1);
    expect(value('envoyage_overrides')).toBe(1);
  });
});
