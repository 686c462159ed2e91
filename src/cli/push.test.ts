import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { FakeApi, rolloutOf, run as runCli } from './harness.fixture.ts';

const api = new FakeApi();
let folder: string;
const PUT = 'PUT /api/v1/providers/push/ci';

beforeAll(async () => {
  await api.start();
  folder = mkdtempSync(join(tmpdir(), 'envoyage-push-'));
  writeFileSync(join(folder, 'web.yaml'), 'kind: Service\nname: web\nhost: web.example.com\nendpoints: [10.0.0.1:80]\n');
  writeFileSync(join(folder, 'bad.yaml'), 'kind: Service\nname: web\nendpoints: 5\n');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});
beforeEach(() => api.reset());

const run = (...argv: string[]) => runCli(['push', ...argv], { cwd: folder, env: { ENVOYAGE_SERVER: api.url } });
const answer = (more: object = {}) => ({
  body: {
    name: 'ci',
    provider: 'push-ci',
    revision: 7,
    changed: true,
    dryRun: false,
    state: 'ok',
    objects: [{ kind: 'Service', name: 'web', result: 'created' }],
    problems: [],
    problemCount: 0,
    rollout: rolloutOf('live'),
    ...more,
  },
});

describe('push', () => {
  it('sends what the files declare, and says what became of it', async () => {
    api.routes = { [PUT]: answer({ ttl: 300 }) };
    const ran = await run('ci', 'web.yaml', '--ttl', '5m');
    expect(ran).toEqual({
      code: 0,
      stdout: 'created  Service web\n1 created, live on 3 of 3 Envoys in 14 ms\nit stays for 5 min; envoyage push ci --renew begins that anew\n',
      stderr: '',
    });
    expect(api.got[0]?.body).toEqual({
      objects: [{ object: { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: ['10.0.0.1:80'] }, origin: 'web.yaml:1:1' }],
    });
    expect(api.requests[0]).toMatch(/\?ttl=5m&wait=acked&timeout=[\d.]+$/);
  });

  it('tells of problems, each with its place, and ends with 1', async () => {
    const problem = { code: 'host-taken', object: 'web@push-ci', origin: 'web.yaml:1:1', message: 'service "web": another has the host', hint: 'free it' };
    api.routes = { [PUT]: answer({ changed: false, objects: [], problems: [problem], problemCount: 3 }) };
    const ran = await run('ci', 'web.yaml');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe('problem: web.yaml:1:1: service "web": another has the host\nhint: free it\nand 2 problems more\n');
  });

  it('says so where the provider is paused', async () => {
    api.routes = { [PUT]: answer({ state: 'paused', changed: false, objects: [] }) };
    expect((await run('ci', 'web.yaml')).stdout).toContain('push-ci is paused: what was pushed is kept, until envoyage providers resume push-ci\n');
  });

  it('tries without a change, and waits for nobody', async () => {
    api.routes = { [PUT]: answer({ dryRun: true, rollout: undefined }) };
    const ran = await run('ci', 'web.yaml', '--dry-run');
    expect([ran.code, ran.stdout]).toEqual([0, 'created  Service web\n1 created, if it were pushed: nothing was changed\n']);
    expect(api.requests).toEqual(['PUT /api/v1/providers/push/ci?dryRun=true']);
  });

  it('sends nothing that is wrong', async () => {
    const ran = await run('ci', 'bad.yaml');
    expect([ran.code, api.requests]).toEqual([2, []]);
    expect(ran.stderr).toContain('bad.yaml:3:12');
  });

  it('renews, and takes away', async () => {
    api.routes = {
      'POST /api/v1/providers/push/ci/renew': { body: { name: 'ci', ttl: 60 } },
      'POST /api/v1/providers/push/web/renew': { body: { name: 'web' } },
      'DELETE /api/v1/providers/push/ci': { body: { revision: 8, rollout: rolloutOf('live') } },
    };
    expect((await run('ci', '--renew')).stdout).toBe('ci stays for 1 min from now\n');
    expect((await run('web', '--renew')).stdout).toBe('web stays for good: it has no time to live\n');
    expect((await run('ci', '--remove')).stdout).toBe('all that was pushed as ci removed, gone from 3 of 3 Envoys in 14 ms\n');
    api.routes = { 'POST /api/v1/providers/push/ci/renew': new EnvoyageError('provider-not-found', 'nothing is pushed as "ci"') };
    expect((await run('ci', '--renew')).code).toBe(6);
  });

  it.each([[['ci']], [['ci', 'web.yaml', '--remove']], [['ci', '--renew', '--remove']]])('%j is a mistake', async (argv) => {
    const ran = await run(...argv);
    expect([ran.code, api.requests]).toEqual([2, []]);
    expect(ran.stderr).toContain('hint: envoyage push ci FILE');
  });
});
