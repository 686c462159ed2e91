import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';
const PATH = `${SERVICES}/web.example.com`;

/** Every word, in the one form that it has; `TestApi` holds each answer against the OpenAPI document. */
const ALL = {
  host: 'web.example.com',
  endpoints: ['web-a:443', { address: 'web-b:443', weight: 2, zone: 'east', priority: 1, state: 'draining' }],
  protocol: 'grpc',
  tls: { sni: 'web.internal', caFile: '/etc/ca.crt', names: ['web.internal', 'web.other'] },
  balancer: { policy: 'ring-hash', hashOn: { cookie: 'place', ttl: '60s' }, panic: 10 },
  health: { path: '/healthz', host: 'health.internal', statuses: [204, '300-399'], interval: '1s', timeout: '0.5s', healthy: 1, unhealthy: 1 },
  outlier: { consecutive5xx: 3, consecutiveGatewayFailures: 2, interval: '1s', ejectionTime: '60s', maxEjected: 10 },
  timeouts: { connect: '0.25s', idle: '0s' },
  limits: { connections: 1, pendingRequests: 2, requests: 3, retries: 0 },
  groups: ['edge'],
  labels: { team: 'web' },
};

describe('the words of a service', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.close());

  const patch = (body: unknown) => api.call('PATCH', PATH, { body, headers: { 'content-type': 'application/merge-patch+json' } });

  it('are kept and given back, and saying them once more changes nothing', async () => {
    expect((await api.call('POST', SERVICES, { body: ALL })).json()).toMatchObject({ ...ALL, revision: 1 });
    const { text } = await api.call('GET', PATH);
    expect(JSON.parse(text)).toMatchObject(ALL);
    expect((await api.call('PUT', PATH, { body: JSON.parse(text) as unknown })).json()).toMatchObject({ revision: 1 });
    const otherwise = { ...ALL, kind: 'Service', name: 'web.example.com', timeouts: { idle: '0ms', connect: '250ms' }, labels: { ...ALL.labels } };
    expect((await api.call('PUT', PATH, { body: otherwise })).json()).toMatchObject({ revision: 1 });
    expect((await api.call('GET', '/api/v1/revisions')).json()).toMatchObject({ revisions: [{ number: 1 }] });
  });

  it('make a revision, each of them, when they change or go', async () => {
    await api.call('POST', SERVICES, { body: ALL });
    let revision = 1;
    for (const word of Object.keys(ALL)) {
      if (word === 'host' || word === 'endpoints' || word === 'protocol') continue;
      const answer = await patch({ [word]: null });
      expect(answer.json(), word).toMatchObject({ revision: ++revision });
      expect(answer.json()).not.toHaveProperty(word);
    }
    expect((await patch({ protocol: null })).json()).toMatchObject({ revision: ++revision });
    const { text } = await api.call('GET', PATH);
    expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual(['createdAt', 'endpoints', 'host', 'id', 'revision', 'updatedAt', 'updatedBy']);
  });

  it('are merged where they are objects', async () => {
    await api.call('POST', SERVICES, { body: ALL });
    expect((await patch({ timeouts: { idle: null }, limits: { requests: 5 }, balancer: 'random', labels: { tier: 'front' } })).json()).toMatchObject({
      timeouts: { connect: '0.25s' },
      limits: { connections: 1, requests: 5 },
      balancer: { policy: 'random' },
      labels: { team: 'web', tier: 'front' },
    });
    expect((await patch({ timeouts: { connect: '5s' } })).json()).not.toHaveProperty('timeouts');
    const wrong = await patch({ health: { type: 'tcp' } });
    expect([wrong.status, wrong.problem().errors]).toEqual([400, [{ field: '/health/path', message: 'path is for http checks, not for tcp' }]]);
  });

  it('may lead to a service without a host', async () => {
    const made = await api.call('POST', SERVICES, { body: { id: 'web', endpoints: ['a:1'] } });
    expect([made.status, made.json()]).toMatchObject([201, { id: 'web', endpoints: ['a:1'] }]);
    expect(made.json()).not.toHaveProperty('host');
  });

  it('name a certificate that is there', async () => {
    const answer = await api.call('POST', SERVICES, { body: { ...ALL, tls: { certificate: 'client' } } });
    expect([answer.status, answer.problem()]).toMatchObject([
      expect.any(Number),
      { code: 'reference-missing', errors: [{ field: '/tls/certificate', message: expect.stringContaining('certificate "client"') as unknown }] },
    ]);
  });
});
