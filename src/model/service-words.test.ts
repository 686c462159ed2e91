import { describe, expect, it } from 'vitest';
import { CERTIFICATE } from '../config/certificate.fixture.ts';
import { describeEndpoint } from './endpoint.ts';
import { SERVICE_FIELDS, type Service, sameService, serviceSchema } from './service.ts';
import { parseOrThrow } from './validation.ts';

const read = (words: object): Service => parseOrThrow(serviceSchema, { host: 'a', endpoints: ['a:1'], ...words }, SERVICE_FIELDS);
const words = (given: object): object => {
  const { id: _id, host: _host, endpoints: _endpoints, ...rest } = read(given);
  return rest;
};

describe('the words of a service', () => {
  it.each<[object, object]>([
    [{ protocol: 'http' }, {}],
    [{ tls: {} }, { protocol: 'https' }],
    [{ protocol: 'https', tls: {} }, { protocol: 'https' }],
    [
      { protocol: 'grpc', tls: {} },
      { protocol: 'grpc', tls: {} },
    ],
    [{ tls: { verify: true, sni: 'A.B', names: ['a.b'] } }, { protocol: 'https', tls: { sni: 'a.b' } }],
    [{ tls: { caFile: '/etc/ssl/certs/ca-certificates.crt' } }, { protocol: 'https' }],
    [{ tls: { names: ['b', 'spiffe://X/a', 'B', '[FD00::01]'] } }, { protocol: 'https', tls: { names: ['b', 'fd00::1', 'spiffe://X/a'] } }],
    [{ balancer: 'round-robin' }, {}],
    [{ balancer: { policy: 'round-robin', panic: 50 } }, {}],
    [{ balancer: 'random' }, { balancer: { policy: 'random' } }],
    [{ balancer: { panic: 0 } }, { balancer: { panic: 0 } }],
    [{ balancer: { slowStart: '1m' } }, { balancer: { slowStart: '60s' } }],
    [{ balancer: { policy: 'maglev', hashOn: { header: 'X-User' } } }, { balancer: { policy: 'maglev', hashOn: { header: 'x-user' } } }],
    [{ health: { type: 'http', path: '/', statuses: [200], interval: '5000ms', timeout: '2s', healthy: 2, unhealthy: 3 } }, { health: { path: '/' } }],
    [{ health: { path: '/', statuses: ['200-201', 203, 202, '500-500', 205] } }, { health: { path: '/', statuses: ['200-203', 205, 500] } }],
    [{ health: { type: 'tcp', interval: '1m' } }, { health: { type: 'tcp', interval: '60s' } }],
    [{ outlier: { consecutive5xx: 5, consecutiveGatewayFailures: 0, interval: '10s', ejectionTime: '0.5m', maxEjected: 50 } }, { outlier: {} }],
    [{ timeouts: { connect: '5s', idle: '60m' } }, {}],
    [{ timeouts: { idle: '0' } }, { timeouts: { idle: '0s' } }],
    [{ limits: { connections: 1024, pendingRequests: 1024, requests: 1024, retries: 3 } }, {}],
    [{ limits: { retries: 0 } }, { limits: { retries: 0 } }],
  ])('have one form: %j → %j', (given, form) => {
    expect(words(given)).toStrictEqual(form);
    expect(words(words(given))).toStrictEqual(words(given));
    expect(sameService(read(given), read(form))).toBe(true);
  });

  it('give a certificate one form, too', () => {
    const ca = (pem: string) => read({ tls: { ca: pem } }).tls?.ca;
    expect(ca(`${CERTIFICATE.trim().replaceAll('\n', '\r\n')}\r\n\r\n`)).toBe(ca(CERTIFICATE));
  });

  it.each<[object, object]>([
    [{}, { protocol: 'h2c' }],
    [{ tls: {} }, { tls: { verify: false } }],
    [{ balancer: 'random' }, { balancer: 'least-request' }],
    [{ health: { path: '/a' } }, { health: { path: '/b' } }],
    [{}, { outlier: {} }],
    [{}, { timeouts: { connect: '1s' } }],
    [{}, { limits: { requests: 1 } }],
    [{}, { labels: { a: 'b' } }],
    [{}, { endpoints: [{ address: 'a:1', weight: 2 }] }],
  ])('tell services apart: %j and %j', (a, b) => {
    expect(sameService(read(a), read(b))).toBe(false);
    expect(sameService(read(b), read(b))).toBe(true);
  });
});

describe('endpoints', () => {
  const endpoints = (...given: unknown[]): unknown => read({ endpoints: given }).endpoints;

  it('that say their address alone are written as that', () => {
    expect(endpoints({ address: 'A:01' }, { address: 'b:1', weight: 1, priority: 0, state: 'healthy' })).toEqual(['a:1', 'b:1']);
    expect(endpoints('a:1', { address: 'A:1' }, { address: 'b:1', weight: 2 }, { weight: 2, address: 'B:1' })).toEqual(['a:1', { address: 'b:1', weight: 2 }]);
  });

  it('are described for people', () => {
    expect(
      ['a:1', { address: 'b:1', weight: 2, state: 'draining' as const }, { address: 'c:1', zone: 'x' }, { address: 'd:1', state: 'unhealthy' as const }].map(
        describeEndpoint,
      ),
    ).toEqual(['a:1', 'b:1 (weight 2, draining)', 'c:1', 'd:1 (unhealthy)']);
  });
});

describe('a service that says its kind', () => {
  it('has its name for its id', () => {
    expect(parseOrThrow(serviceSchema, { kind: 'Service', name: 'web', endpoints: ['a:1'] }, SERVICE_FIELDS)).toStrictEqual({ id: 'web', endpoints: ['a:1'] });
    expect(parseOrThrow(serviceSchema, { name: 'web', id: 'web', host: 'a', endpoints: ['a:1'] }, SERVICE_FIELDS)).toMatchObject({ id: 'web', host: 'a' });
  });

  it('cannot take the name of the cluster by which Envoys reach Envoyage', () => {
    expect(() => parseOrThrow(serviceSchema, { name: 'xds_cluster', endpoints: ['a:1'] }, SERVICE_FIELDS)).toThrow('/name: the id "xds_cluster"');
  });
});
