import assert from 'node:assert';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import type { StoredService } from '../model/service.ts';
import { EventHub } from './events/hub.ts';
import type { ApiPorts, RolloutPort, ServicesPort, Wait } from './ports.ts';
import { NO_PROVIDERS } from './providers.fixture.ts';
import { type ApiOptions, type ApiServer, startApi } from './server.ts';
import type { Rollout } from './types.ts';

const STORED: StoredService = {
  id: 'web',
  host: 'web.example.com',
  endpoints: ['web-a:5678'],
  revision: 7,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  updatedBy: 'ann',
};
const rolloutOf = (state: Rollout['state']): Rollout => ({ revision: 7, state, nodes: 1, acked: 0, pending: [], rejected: [], elapsedMs: 1 });

const noNumbers: ApiPorts['numbers'] = () => ({ groups: [], states: new Map(), stages: {}, commits: 0, coalesced: 0 });

interface Fakes {
  readonly services?: Partial<ServicesPort>;
  readonly rollout?: Partial<RolloutPort>;
  readonly numbers?: ApiPorts['numbers'];
  readonly checks?: Record<string, boolean>;
}

describe('startApi', () => {
  const open: ApiServer[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  /** The API over ports that do as they are told. */
  async function start({ services, rollout, numbers = noNumbers, checks = {} }: Fakes, options: Partial<ApiOptions> = {}): Promise<ApiServer> {
    const ports: ApiPorts = {
      services: {
        revision: 7,
        size: 1,
        reach: 0,
        get: () => STORED,
        list: () => [STORED],
        object: () => STORED,
        objects: () => [STORED],
        commit: () => ({ revision: 7, changed: true, changes: [], objects: [STORED], services: [STORED] }),
        revisions: () => [],
        revisionAt: () => undefined,
        ...services,
      },
      push: {
        counts: { pushed: 0, renewed: 0, expired: 0 },
        list: () => [],
        get: () => assert.fail('nothing is pushed'),
        put: () => assert.fail('nothing is pushed'),
        renew: () => assert.fail('nothing is pushed'),
        remove: () => assert.fail('nothing is pushed'),
      },
      guard: { limited: {}, refusedTotal: 0, refused: () => [] },
      certificates: { list: () => [] },
      providers: NO_PROVIDERS,
      backup: () => Promise.reject(new Error('there is none')),
      events: new EventHub({ journal: { revision: 7, revisions: () => [] }, run: 'test', now: () => new Date() }),
      envoyCheck: { always: false, changes: () => Promise.resolve([]) },
      dump: { dump: () => Promise.resolve({ group: 'default', connected: false, revision: 7, resources: [] }) },
      safety: { report: () => ({ quarantined: [], canaries: [], rollbacks: [] }), release: () => false },
      rollout: {
        rollout: () => Promise.resolve(rolloutOf('live')),
        resend: () => Promise.resolve(rolloutOf('live')),
        nodes: () => [],
        stats: () => ({ last_update: null, update_count: 0, xds_server_url: '', nodes: 0, streams: 0, types: {} }),
        ...rollout,
      },
      groups: {
        of: () => undefined,
        moved: () => [],
        move: () => undefined,
        undo: () => undefined,
        arrival: () => Promise.resolve(rolloutOf('live')),
      },
      info: () => ({
        version: '0.0.0',
        startedAt: '',
        revision: 7,
        dataDir: '',
        xdsAddress: '',
        xdsAddresses: [],
        xdsTls: false,
        httpAddress: '',
        listeners: {},
      }),
      numbers,
      readiness: () => checks,
    };
    const server = await startApi(ports, {
      address: { host: '127.0.0.1', port: 0 },
      allowedHosts: [],
      token: undefined,
      maxBodyBytes: 1 << 20,
      onInternalError: () => undefined,
      ...options,
    });
    open.push(server);
    return server;
  }

  function ask({ address }: ApiServer, method: string, path: string, signal?: AbortSignal): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const sent = request({ ...address, method, path, agent: false, ...(signal === undefined ? {} : { signal }) }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown }));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  /** A rollout port that waits until it is called off, as a real one does. */
  function patient(): {
    readonly port: Partial<RolloutPort>;
    readonly waits: (Wait | undefined)[];
    readonly begun: Promise<void>;
    readonly calledOff: Promise<void>;
  } {
    const waits: (Wait | undefined)[] = [];
    const begun = Promise.withResolvers<void>();
    const calledOff = Promise.withResolvers<void>();
    const rollout = async (_: unknown, wait?: Wait): Promise<Rollout> => {
      waits.push(wait);
      begun.resolve();
      await new Promise((resolve) => wait?.signal.addEventListener('abort', resolve));
      calledOff.resolve();
      return rolloutOf('pending');
    };
    return { port: { rollout, resend: rollout }, waits, begun: begun.promise, calledOff: calledOff.promise };
  }

  const WAITING = [
    ['DELETE', '/api/v1/services/web?wait=acked&timeout=0.25'],
    ['POST', '/api/v1/services/web/reload-xds?wait=acked&timeout=0.25'],
    ['GET', '/api/v1/revisions/7/rollout?wait=acked&timeout=0.25'],
  ] as const;

  it.each(WAITING)('%s %s calls its waiting off when the client goes', async (method, path) => {
    const { port, waits, begun, calledOff } = patient();
    const server = await start({ rollout: port });
    const impatient = new AbortController();
    const answer = ask(server, method, path, impatient.signal);
    await begun;
    expect(waits).toMatchObject([{ timeout: 250, signal: { aborted: false } }]);
    impatient.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await calledOff;
  });

  it('calls off what is queued behind a request that waits, too, when the connection goes', async () => {
    const waits: Wait[] = [];
    const all = Promise.withResolvers<void>();
    const rollout = async (_: unknown, wait?: Wait): Promise<Rollout> => {
      if (wait !== undefined) waits.push(wait);
      if (waits.length === 5) all.resolve();
      await new Promise((resolve) => wait?.signal.addEventListener('abort', resolve));
      return rolloutOf('pending');
    };
    const { address } = await start({ rollout: { rollout } });
    const socket = connect(address.port, address.host);
    socket.write('DELETE /api/v1/services/web?wait=acked HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(5));
    await all.promise;
    const calledOff = Promise.all(waits.map(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))));
    socket.destroy();
    await calledOff;
  });

  it.each(WAITING)('%s %s is answered when the server closes', async (method, path) => {
    const { port, begun } = patient();
    const server = await start({ rollout: port });
    const answer = ask(server, method, path);
    await begun;
    await server.close();
    expect(await answer).toMatchObject({
      status: 200,
      body: expect.objectContaining(path.includes('rollout') ? { state: 'pending' } : { rollout: rolloutOf('pending') }) as unknown,
    });
  });

  it('lets what it has begun come to its end before it cuts connections', async () => {
    const begun = Promise.withResolvers<void>();
    const rollout = async (_: unknown, wait?: Wait): Promise<Rollout> => {
      begun.resolve();
      await new Promise((resolve) => wait?.signal.addEventListener('abort', resolve));
      for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
      return rolloutOf('pending');
    };
    const server = await start({ rollout: { rollout } });
    const answer = ask(server, 'DELETE', '/api/v1/services/web?wait=acked');
    await begun.promise;
    await server.close();
    expect((await answer).status).toBe(200);
  });

  it('does not wait for ever for what does not end', async () => {
    const begun = Promise.withResolvers<void>();
    const rollout = (): Promise<Rollout> => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const server = await start({ rollout: { rollout } });
    const answer = ask(server, 'DELETE', '/api/v1/services/web?wait=acked');
    const cut = expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await begun.promise;
    await server.close();
    await cut;
  });

  it('does not wait where it is not asked to', async () => {
    const seen: unknown[] = [];
    const look = (what: string) => (_: unknown, wait?: Wait) => {
      seen.push([what, wait]);
      return Promise.resolve(rolloutOf('pending'));
    };
    const server = await start({ rollout: { rollout: look('rollout'), resend: look('resend') } });
    await ask(server, 'DELETE', '/api/v1/services/web?timeout=5');
    await ask(server, 'POST', '/api/v1/services/web/reload-xds');
    await ask(server, 'GET', '/api/v1/revisions/7/rollout?timeout=5');
    expect(seen).toEqual([
      ['resend', undefined],
      ['rollout', undefined],
    ]);
  });

  it('waits ten seconds unless told otherwise', async () => {
    const timeouts: (number | undefined)[] = [];
    const server = await start({
      rollout: {
        rollout: (_, wait) => {
          timeouts.push(wait?.timeout);
          return Promise.resolve(rolloutOf('live'));
        },
      },
    });
    for (const timeout of ['', '&timeout=0', '&timeout=300']) await ask(server, 'DELETE', `/api/v1/services/web?wait=acked${timeout}`);
    expect(timeouts).toEqual([10_000, 0, 300_000]);
  });

  it('is ready when every check is', async () => {
    expect(await ask(await start({ checks: { registry: true, xds: true } }), 'GET', '/readyz')).toEqual({
      status: 200,
      body: { status: 'ready', checks: { registry: true, xds: true } },
    });
    expect(await ask(await start({ checks: { registry: true, xds: false } }), 'GET', '/readyz')).toEqual({
      status: 503,
      body: { status: 'not-ready', checks: { registry: true, xds: false } },
    });
    expect((await ask(await start({ checks: { registry: false } }), 'GET', '/healthz')).status).toBe(200);
  });

  it('tells of a revision that is too old to be known', async () => {
    const server = await start({});
    expect(await ask(server, 'GET', '/api/v1/revisions/3')).toMatchObject({
      status: 404,
      body: { code: 'revision-not-found', detail: 'revision 3 is too old to be known' },
    });
  });

  it('keeps what nobody foresaw to the log, wherever it comes from', async () => {
    const fault = new RangeError('a secret of the inside');
    const throwing = (): never => {
      throw fault;
    };
    const told: unknown[] = [];
    const onInternalError: ApiOptions['onInternalError'] = ({ cause }, { method, url }) => told.push([cause, method, url]);
    const server = await start(
      { services: { commit: throwing, list: throwing }, rollout: { nodes: throwing, stats: throwing }, numbers: throwing },
      { onInternalError },
    );
    const paths = [
      ['DELETE', '/api/v1/services/web'],
      ['GET', '/api/v1/services'],
      ['GET', '/xds/stats'],
      ['GET', '/metrics'],
    ] as const;
    for (const [method, path] of paths) {
      const { status, body } = await ask(server, method, path);
      expect([status, (body as { detail: string }).detail], path).toEqual([500, 'see the log of the daemon']);
    }
    expect(told).toEqual(paths.map(([method, path]) => [fault, method, path]));
  });

  it('passes on what is meant for the user', async () => {
    const commit = (): never => {
      throw new EnvoyageError('store-failed', 'the disk is full', { hint: 'free some space' });
    };
    const told: unknown[] = [];
    const server = await start({ services: { commit } }, { onInternalError: (error) => told.push(error) });
    expect(await ask(server, 'DELETE', '/api/v1/services/web')).toMatchObject({
      status: 503,
      body: { code: 'store-failed', detail: 'the disk is full', hint: 'free some space' },
    });
    expect(told).toEqual([]);
  });
});
