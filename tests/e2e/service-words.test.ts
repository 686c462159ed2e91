import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { startDeafEndpoint } from '../support/deaf-endpoint.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoint.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { callGrpc, startGrpcEndpoint } from '../support/grpc-endpoint.ts';
import { waitFor } from '../support/wait.ts';
import { WordLab } from '../support/word-lab.ts';

/** Five standard deviations: one run in two million is outside. */
function binomial(requests: number, share: number): readonly [number, number] {
  const [mean, deviation] = [requests * share, Math.sqrt(requests * share * (1 - share))];
  return [mean - 5 * deviation, mean + 5 * deviation];
}

const at = ({ port }: TestEndpoint): string => `127.0.0.1:${port}`;
const byName = ({ port }: { readonly port: number }): string => `localhost:${port}`;

beforeAll(async () => {
  await Promise.all(ENVOY_VERSIONS.map(testEnvoy));
}, ENVOY_INSTALL_TIMEOUT_MS);

describe.each([
  { version: ENVOY_VERSIONS[0], variant: 'sotw' },
  { version: ENVOY_VERSIONS[1], variant: 'delta' },
] as const)('Envoy $version, $variant', ({ version, variant }) => {
  let lab: WordLab;
  const started: TestEndpoint[] = [];

  async function endpoints(...names: string[]): Promise<TestEndpoint[]> {
    const all = await Promise.all(names.map((name) => startEndpoint(name)));
    started.push(...all);
    return all;
  }

  async function secure(name: string, authority: Authority, speaks: 'https' | 'https1' = 'https'): Promise<TestEndpoint> {
    const endpoint = await startEndpoint(name, { speaks, certificate: authority.issue({ dns: ['localhost', 'web.internal'] }) });
    started.push(endpoint);
    return endpoint;
  }

  beforeAll(async () => {
    lab = await WordLab.start(version, variant);
  });
  afterAll(async () => {
    await lab.stop();
    await Promise.all(started.map((endpoint) => endpoint.close()));
  });

  it.each([
    ['addresses', at],
    ['names', byName],
  ] as const)('shares requests by weight, also of %s', async (kind, reach) => {
    const [a, b] = (await endpoints('A', 'B')) as [TestEndpoint, TestEndpoint];
    const host = `weights-${kind}.example.com`;
    await lab.put(host, { endpoints: [{ address: reach(a), weight: 3 }, reach(b)] });
    const { A = 0 } = await lab.shares(host, 400);
    const [least, most] = binomial(400, 0.75);
    expect(A).toBeGreaterThan(least);
    expect(A).toBeLessThan(most);
  });

  it.each([
    ['addresses', at],
    ['names', byName],
  ] as const)('sends nothing new to endpoints that drain, and lets them end what they have: %s', async (kind, reach) => {
    const [a, b, c] = (await endpoints('A', 'B', 'C')) as [TestEndpoint, TestEndpoint, TestEndpoint];
    const host = `drain-${kind}.example.com`;
    await lab.put(host, { endpoints: [reach(a)] });
    const { first, rest } = await lab.stream(host);
    expect(first.name).toBe('A');
    // Two of three, so that Envoy would panic if they counted as unhealthy.
    await lab.put(host, { endpoints: [{ address: reach(a), state: 'draining' }, { address: reach(b), state: 'draining' }, reach(c)] });
    expect(await lab.shares(host, 60)).toEqual({ C: 60 });
    a.finish();
    expect(await rest).toBe('finished');
    await lab.put(host, {
      endpoints: [
        { address: reach(a), state: 'disabled' },
        { address: reach(b), state: 'draining' },
      ],
    });
    expect(await lab.shares(host, 20)).toEqual({ B: 20 });
    await lab.put(host, {
      endpoints: [
        { address: reach(b), state: 'draining' },
        { address: reach(c), priority: 1 },
      ],
    });
    expect(await lab.shares(host, 20)).toEqual({ C: 20 });
    await lab.put(host, { endpoints: [{ address: reach(b), state: 'disabled' }] });
    expect((await lab.ask(host)).status).toBe(503);
  });

  it('takes an endpoint out by active checks, fails over to the next priority and comes back, and no request fails', async () => {
    const [a, b, c] = (await endpoints('A', 'B', 'C')) as [TestEndpoint, TestEndpoint, TestEndpoint];
    const host = 'health.example.com';
    const health = { path: '/healthz', interval: '200ms', unhealthy: 1, healthy: 1 };
    await lab.put(host, { endpoints: [at(a), at(b), { address: at(c), priority: 1 }], health });
    const only = (...names: string[]) =>
      waitFor(`answers of ${names.join(' and ')} alone`, async () => {
        const shares = await lab.shares(host, 30);
        return Object.keys(shares).toSorted().join() === names.join();
      });
    await only('A', 'B');
    a.well = false;
    // Of those of the first priority half is well, 70 % of what counts as enough, and the rest goes to the second.
    await only('B', 'C');
    a.status = 500;
    expect(await lab.shares(host, 60)).not.toHaveProperty('A');
    b.well = false;
    await only('C');
    b.status = 500;
    expect(await lab.shares(host, 60)).toEqual({ C: 60 });
    a.status = b.status = 200;
    a.well = b.well = true;
    await only('A', 'B');
    // What passes its checks is gone all the same when it is taken away.
    await lab.put(host, { endpoints: [at(b)], health });
    expect(await lab.shares(host, 20)).toEqual({ B: 20 });
  });

  it('checks by connecting, too', async () => {
    const [a, b] = (await endpoints('A', 'B')) as [TestEndpoint, TestEndpoint];
    const host = 'health-tcp.example.com';
    await lab.put(host, { endpoints: [at(a), { address: at(b), priority: 1 }], health: { type: 'tcp', interval: '200ms', unhealthy: 1 } });
    expect(await lab.shares(host, 10)).toEqual({ A: 10 });
    await a.close();
    started.splice(started.indexOf(a), 1);
    await waitFor('A to be found out', async () => (await lab.envoy.stat(`cluster.${host}.membership_healthy`)) === 1);
    expect(await lab.shares(host, 10)).toEqual({ B: 10 });
  });

  it('leaves an endpoint alone on which requests fail', async () => {
    const [a, b] = (await endpoints('A', 'B')) as [TestEndpoint, TestEndpoint];
    const host = 'outlier.example.com';
    a.status = 500;
    await lab.put(host, { endpoints: [at(a), at(b)], outlier: { consecutive5xx: 3, ejectionTime: '1h' } });
    let failed = 0;
    await waitFor('A to be ejected', async () => {
      if ((await lab.ask(host)).status === 500) failed++;
      return (await lab.envoy.stat(`cluster.${host}.outlier_detection.ejections_active`)) === 1;
    });
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(await lab.shares(host, 40)).toEqual({ B: 40 });
    expect(a.answered()).toBe(failed);
  });

  it('ejects nobody who is alone: there is nowhere else to go', async () => {
    const [a] = (await endpoints('A')) as [TestEndpoint];
    const host = 'outlier-alone.example.com';
    a.status = 500;
    await lab.put(host, { endpoints: [at(a)], outlier: { consecutive5xx: 3 } });
    for (let i = 0; i < 10; i++) expect(await lab.ask(host)).toMatchObject({ status: 500, text: expect.stringContaining('"A"') as unknown });
    expect(await lab.envoy.stat(`cluster.${host}.outlier_detection.ejections_detected_consecutive_5xx`)).toBeGreaterThan(0);
    expect(await lab.envoy.stat(`cluster.${host}.outlier_detection.ejections_active`)).toBe(0);
  });

  it('has an Envoy refuse a file of authorities that it lacks, and what was there goes on', async () => {
    const [a] = (await endpoints('A')) as [TestEndpoint];
    const host = 'ca-file.example.com';
    await lab.put(host, { endpoints: [at(a)] });
    const answer = await lab.daemon.send('PATCH', `/api/v1/services/${host}?wait=acked&timeout=60`, {
      tls: { sni: 'web.internal', caFile: '/nowhere/ca.crt' },
    });
    expect(await answer.json()).toMatchObject({
      rollout: { state: 'rejected', rejected: [{ message: expect.stringContaining('/nowhere/ca.crt') as unknown }] },
    });
    expect(await lab.shares(host, 5)).toEqual({ A: 5 });
    await lab.put(host, { endpoints: [at(a)] });
  });

  it('speaks HTTP/2 without TLS', async () => {
    const a = await startEndpoint('A', { speaks: 'h2c' });
    started.push(a);
    await lab.put('h2c.example.com', { endpoints: [at(a)], protocol: 'h2c', health: { path: '/healthz' } });
    expect((await lab.ask('h2c.example.com')).seen()).toMatchObject({ name: 'A', http: '2.0' });
    expect(a.checked()).toBeGreaterThan(0);
    // The same endpoint, and HTTP/1.1: it is the word that makes the difference.
    await lab.put('h2c.example.com', { endpoints: [at(a)] });
    expect((await lab.ask('h2c.example.com')).status).toBe(502);
  });

  it('speaks https: the name that is asked for, the best version that the endpoint has, checks included', async () => {
    const authority = new Authority('ours');
    const both = await secure('both', authority);
    const old = await secure('old', authority, 'https1');
    const ca = authority.cert;
    const host = 'https.example.com';
    await lab.put(host, { endpoints: [byName(both)], tls: { ca } });
    expect((await lab.ask(host)).seen()).toEqual({ name: 'both', http: '2.0', sni: 'localhost', host });
    await lab.put(host, { endpoints: [at(old)], tls: { ca, sni: 'web.internal' } });
    expect((await lab.ask(host)).seen()).toEqual({ name: 'old', http: '1.1', sni: 'web.internal', host });
    for (const [endpoint, http] of [
      [both, '2.0'],
      [old, '1.1'],
    ] as const) {
      await lab.put(host, { endpoints: [byName(endpoint)], tls: { ca }, health: { path: '/healthz' } });
      expect((await lab.ask(host)).seen()).toMatchObject({ name: endpoint.name, http });
      expect(endpoint.checked()).toBeGreaterThan(0);
      expect(await lab.envoy.stat(`cluster.${host}.membership_healthy`)).toBe(1);
    }
  });

  it('believes no certificate of another authority, nor one for another name', async () => {
    const authority = new Authority('ours');
    const endpoint = await secure('A', authority);
    const [ca, other] = [authority.cert, new Authority('theirs').cert];
    const host = 'tls.example.com';
    const met = async (words: object) => {
      await lab.put(host, { protocol: 'https', ...words });
      return (await lab.ask(host)).status;
    };
    expect(await met({ endpoints: [byName(endpoint)], tls: { ca } })).toBe(200);
    const reached = endpoint.answered();
    expect(await met({ endpoints: [byName(endpoint)], tls: { ca: other } })).toBe(503);
    // Nor do those that the system trusts vouch for it.
    expect(await met({ endpoints: [byName(endpoint)] })).toBe(503);
    expect(await met({ endpoints: [`web-a.localhost:${endpoint.port}`], tls: { ca } })).toBe(503);
    expect(await met({ endpoints: [at(endpoint)], tls: { ca, sni: 'else.internal' } })).toBe(503);
    expect(await met({ endpoints: [at(endpoint)], tls: { ca, sni: 'web.internal', names: ['else.internal'] } })).toBe(503);
    expect(endpoint.answered()).toBe(reached);
    expect(await met({ endpoints: [at(endpoint)], tls: { ca, sni: 'else.internal', names: ['localhost', '127.0.0.1'] } })).toBe(200);
    expect(await met({ endpoints: [at(endpoint)], tls: { verify: false } })).toBe(200);
  });

  it('shows a certificate, and the next one when it is replaced', async () => {
    const authority = new Authority('ours');
    const endpoint = await startEndpoint('A', { speaks: 'https1', certificate: authority.issue({ dns: ['localhost'] }), clientCa: authority.cert });
    started.push(endpoint);
    const host = 'client-certificate.example.com';
    const certify = async (cn: string) => {
      const answer = await lab.daemon.send('PUT', '/api/v1/objects/Certificate/client?wait=acked&timeout=60', authority.issue({ cn }));
      expect(await answer.json()).toMatchObject({ rollout: { state: 'live' } });
    };
    await certify('first');
    const tls = { ca: authority.cert };
    await lab.put(host, { endpoints: [byName(endpoint)], tls: { ...tls, certificate: 'client' }, timeouts: { idle: '100ms' } });
    expect((await lab.ask(host)).seen()).toMatchObject({ name: 'A', client: 'first' });
    await certify('second');
    await waitFor('a connection with the second one', async () => (await lab.ask(host)).seen().client === 'second');
    await lab.put(host, { endpoints: [byName(endpoint)], tls });
    expect((await lab.ask(host)).status).toBe(503);
  });

  it.each(['ring-hash', 'maglev'] as const)('sends who has the same header to the same endpoint: %s', async (policy) => {
    const all = await endpoints('A', 'B', 'C');
    const host = `${policy}.example.com`;
    await lab.put(host, { endpoints: all.map(at), balancer: { policy, hashOn: { header: 'x-user' } } });
    const used = new Set<string>();
    for (let user = 0; user < 30; user++) {
      const names = new Set<string>();
      for (let i = 0; i < 5; i++) names.add((await lab.ask(host, '/', { 'x-user': `user-${user}` })).seen().name);
      expect([...names]).toHaveLength(1);
      for (const name of names) used.add(name);
    }
    expect([...used].toSorted()).toEqual(['A', 'B', 'C']);
  });

  it('gives a cookie, and who has it comes back to the same endpoint', async () => {
    const all = await endpoints('A', 'B', 'C');
    const host = 'cookie.example.com';
    await lab.put(host, { endpoints: all.map(at), balancer: { policy: 'maglev', hashOn: { cookie: 'place', ttl: '1h' } } });
    const first = await lab.ask(host);
    const [given = ''] = [first.headers['set-cookie'] ?? []].flat();
    expect(given).toMatch(/^place="?[0-9a-f]+"?; Max-Age=3600; Path=\//i);
    for (let i = 0; i < 20; i++) expect((await lab.ask(host, '/', { cookie: given.split(';')[0] ?? '' })).seen().name).toBe(first.seen().name);
  });

  it.each(['least-request', 'random'])('uses all endpoints: %s', async (balancer) => {
    const all = await endpoints('A', 'B');
    const host = `${balancer}.example.com`;
    await lab.put(host, { endpoints: all.map(at), balancer });
    expect(Object.keys(await lab.shares(host, 60)).toSorted()).toEqual(['A', 'B']);
  });

  it.each(['plain', 'over TLS'])('speaks gRPC with endpoints that are well: %s', async (way) => {
    const authority = new Authority('ours');
    const certificate = way === 'plain' ? undefined : authority.issue({ dns: ['localhost'] });
    const [a, b] = [await startGrpcEndpoint('A', certificate), await startGrpcEndpoint('B', certificate)];
    const host = `grpc-${way.replace(' ', '-').toLowerCase()}.example.com`;
    const tls = certificate === undefined ? {} : { tls: { ca: authority.cert } };
    try {
      b.serving = false;
      await lab.put(host, {
        endpoints: [byName(a), byName(b)],
        protocol: 'grpc',
        ...tls,
        health: { type: 'grpc', interval: '200ms', healthy: 1, unhealthy: 1 },
      });
      const names = async () => {
        const met = new Set<string>();
        for (let i = 0; i < 20; i++) met.add(await callGrpc(lab.port, host));
        return [...met].toSorted();
      };
      expect(await names()).toEqual(['A']);
      b.serving = true;
      await waitFor('B to be well', async () => (await names()).length === 2);
    } finally {
      a.close();
      b.close();
    }
  });

  it('waits for a connection as long as was said, where an endpoint answers nothing', async () => {
    const deaf = await startDeafEndpoint();
    try {
      const [soon, late] = ['connect-soon.example.com', 'connect-late.example.com'];
      await lab.put(soon, { endpoints: [`127.0.0.1:${deaf.port}`], timeouts: { connect: '250ms' } });
      await lab.put(late, { endpoints: [`127.0.0.1:${deaf.port}`] });
      const order: string[] = [];
      // The one that is asked last is the first to give up.
      const answers = await Promise.all([late, soon].map((host) => lab.ask(host).finally(() => order.push(host))));
      expect(order).toEqual([soon, late]);
      for (const answer of answers) expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('connection timeout') as unknown });
      for (const host of order) expect(await lab.envoy.stat(`cluster.${host}.upstream_cx_connect_timeout`)).toBeGreaterThan(0);
    } finally {
      await deaf.close();
    }
  });

  it('answers 503 beyond a limit, and closes what is idle', async () => {
    const [a] = (await endpoints('A')) as [TestEndpoint];
    const host = 'limits.example.com';
    await lab.put(host, { endpoints: [at(a)], limits: { requests: 1 }, timeouts: { idle: '200ms' } });
    const { rest } = await lab.stream(host);
    expect(await lab.ask(host)).toMatchObject({ status: 503, text: expect.stringContaining('overflow') as unknown });
    a.finish();
    expect(await rest).toBe('finished');
    expect((await lab.ask(host)).status).toBe(200);
    // One for each of Envoy's threads that had a request.
    await waitFor('idle connections to be closed', async () => (await lab.envoy.stat(`cluster.${host}.upstream_cx_active`)) === 0);
    expect(await lab.envoy.stat(`cluster.${host}.upstream_cx_idle_timeout`)).toBeGreaterThan(0);
  });
});
