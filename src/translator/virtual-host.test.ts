import { describe, expect, it } from 'vitest';
import type { Route } from '../model/route.ts';
import type { Service } from '../model/service.ts';
import { onDemandVirtualHost, virtualHost } from './virtual-host.ts';

const web: Service = { id: 'web', host: 'web.example.com', endpoints: ['web-a:5678'] };
const api: Route = { kind: 'Route', name: 'api', hosts: ['web.example.com'], match: [{ path: { prefix: '/api' } }], to: [{ service: 'web' }] };
const resolve = (id: string): Service | undefined => (id === 'web' ? web : undefined);
const OWN = {
  match: { prefix: '/' },
  route: { cluster: 'web', timeout: '0s', retryPolicy: { retryOn: 'connect-failure,refused-stream,reset-before-request', numRetries: 2 } },
};

describe('a virtual host', () => {
  it('has the routes of its host before its own service', () => {
    expect(virtualHost('web.example.com', { routes: [api], fallback: web, resolve })).toEqual({
      name: 'web.example.com',
      domains: ['web.example.com'],
      routes: [{ ...OWN, name: 'api', match: { pathSeparatedPrefix: '/api' } }, OWN],
    });
  });

  it('may have either alone', () => {
    expect(virtualHost('web.example.com', { routes: [], fallback: web, resolve })).toMatchObject({ routes: [OWN] });
    expect(virtualHost('*', { routes: [api], fallback: undefined, resolve })).toMatchObject({ name: '*', domains: ['*'], routes: [{ name: 'api' }] });
    expect(virtualHost('web.example.com', { routes: [], fallback: undefined, resolve })).toEqual({ name: 'web.example.com', domains: ['web.example.com'] });
  });

  it('leaves out the targets that its group lacks, and says so where none is left', () => {
    const split = { ...api, to: [{ service: 'gone', weight: 9 }, { service: 'web' }] };
    expect(virtualHost('a', { routes: [split], fallback: undefined, resolve })).toMatchObject({ routes: [{ route: { cluster: 'web' } }] });
    for (const to of [[{ service: 'gone' }], [{ service: 'gone' }, { service: 'web', weight: 0 }]]) {
      const { routes } = virtualHost('a', { routes: [{ ...api, to }], fallback: undefined, resolve }) as { routes: object[] };
      expect(routes[0]).not.toHaveProperty('route');
      expect(routes[0]).toMatchObject({
        directResponse: { status: 503, body: { inlineString: expect.stringMatching(/^route "api" leads to no service that this group of Envoys has: gone/) } },
      });
    }
  });

  it('is asked for by the name of its table and its host', () => {
    expect(onDemandVirtualHost('http', 'web.example.com', { routes: [], fallback: web, resolve })).toEqual({
      ...virtualHost('web.example.com', { routes: [], fallback: web, resolve }),
      name: 'http/web.example.com',
    });
    expect(onDemandVirtualHost('internal', 'web.example.com', { routes: [], fallback: web, resolve })).toMatchObject({ name: 'internal/web.example.com' });
  });
});
