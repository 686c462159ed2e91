import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LaidOverride } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { FakeApi, NOW, rolloutOf, run } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const PATH = '/api/v1/overrides';
const envoyage = (...args: string[]) => run([...args, '--server', api.url], { terminal: 80, env: { NO_COLOR: '1' } });
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();
const laid = (more: Partial<LaidOverride> = {}): LaidOverride => ({
  service: 'shop.web',
  endpoint: '10.0.0.1:80',
  state: 'draining',
  by: 'ann@laptop',
  at: at(0),
  provider: 'docker',
  inForce: true,
  ...more,
});

describe('override', () => {
  it('lists them within 80 columns', async () => {
    const overrides = [
      laid({ until: at(58), reason: 'new kernel on host-a' }),
      laid({ endpoint: '10.0.0.9:80', state: 'disabled', inForce: false }),
      (({ endpoint: _, state: __, ...rest }) => rest)(laid({ service: 'wiki', weight: 5 })),
    ];
    api.routes = { [`GET ${PATH}`]: { body: { overrides, revision: 12 } } };
    const { code, stdout } = await envoyage('override');
    expect(code).toBe(0);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatchInlineSnapshot(`
      "  SERVICE       ENDPOINT     SAYS           WHO         ENDS       WHY
        shop.web@doc  10.0.0.1:80  draining       ann@laptop  in 58 min  new kernel on
        ker                                                              host-a
        shop.web@doc  10.0.0.9:80  disabled       ann@laptop  never
        ker                        (waits)
        wiki@docker   all          weight 5       ann@laptop  never
      "
    `);
    api.routes = { [`GET ${PATH}`]: { body: { overrides: [], revision: 12 } } };
    expect((await envoyage('override')).stdout).toBe('No overrides: envoyage override SERVICE ENDPOINT --drain lays one\n');
  });

  it('lays one over an endpoint, and says how far it is live', async () => {
    api.routes = { [`PUT ${PATH}/shop.web`]: { body: { override: laid({ until: at(60) }), revision: 8, rollout: rolloutOf('live') } } };
    expect(await envoyage('override', 'shop.web@docker', '10.0.0.1:80', '--drain', '--for', '1h', '--reason', 'new kernel')).toEqual({
      code: 0,
      stdout: '10.0.0.1:80 of shop.web@docker → draining for 1 h, live on 3 of 3 Envoys in 14 ms\n',
      stderr: '',
    });
    expect(api.got[0]?.body).toEqual({ endpoint: '10.0.0.1:80', state: 'draining', ttl: '3600s', reason: 'new kernel' });
    expect(api.requests).toEqual([`PUT ${PATH}/shop.web?wait=acked&timeout=1`]);
  });

  it('lays one over all endpoints', async () => {
    const { endpoint: _, state: __, ...rest } = laid({ weight: 5 });
    api.routes = { [`PUT ${PATH}/shop.web`]: { body: { override: rest, revision: 8, rollout: rolloutOf('live') } } };
    expect((await envoyage('override', 'shop.web', '--weight', '5')).stdout).toBe(
      'every endpoint of shop.web@docker → weight 5, live on 3 of 3 Envoys in 14 ms\n',
    );
    expect(api.got[0]?.body).toEqual({ weight: 5 });
  });

  it('takes one away, or all of a service', async () => {
    api.routes = { [`DELETE ${PATH}/shop.web`]: { body: { cleared: [laid(), laid()], revision: 8, rollout: rolloutOf('live') } } };
    expect((await envoyage('override', 'shop.web', '--clear')).stdout).toBe('2 overrides of shop.web cleared, live on 3 of 3 Envoys in 14 ms\n');
    await envoyage('override', 'shop.web', '10.0.0.1:80', '--clear', '--no-wait');
    expect(api.requests).toEqual([`DELETE ${PATH}/shop.web?wait=acked&timeout=1`, `DELETE ${PATH}/shop.web?endpoint=10.0.0.1%3A80`]);
  });

  it.each([
    [['--drain'], 'the service is missing'],
    [['web'], 'what to lay over it is missing'],
    [['web', '--clear', '--drain'], '--clear takes an override away'],
    [['web', '--drain', '--disable'], 'only one of --drain, --disable and --healthy'],
    [['web', '--for', '1h'], '--for and --reason go with what to lay over it'],
    [['web', '--weight', '0'], '1 to 1000'],
    [['web', '--drain', '--for', '10'], 'write 10s for seconds'],
    [['web', 'http://a:1', '--drain'], 'is a URL'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await envoyage('override', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(api.requests).toEqual([]);
  });

  it('says what to do where the service is no provider’s', async () => {
    const message = 'service "web" comes from no provider, so it is changed itself';
    api.routes = { [`PUT ${PATH}/web`]: new EnvoyageError('owned-by-people', message, { hint: 'envoyage edit service web' }) };
    expect(await envoyage('override', 'web', '--drain')).toEqual({ code: 6, stdout: '', stderr: `error: ${message}\nhint: envoyage edit service web\n` });
  });
});
