import { describe, expect, it } from 'vitest';
import { behaviourOf } from './envoy-behaviour.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explanation.ts';
import type { Wish } from './kinds.ts';
import type { Listener } from './listener.ts';
import { normalPath } from './normal-path.ts';
import type { SentRequest } from './seen-request.ts';

const builtIn: Listener = { kind: 'Listener', name: 'http', address: '0.0.0.0:10080', protocol: 'http' };
const https: Listener = { kind: 'Listener', name: 'https', address: '0.0.0.0:10443', protocol: 'https', certificates: ['web'] };
const host = 'web.example.com';
const objects: Wish[] = [
  { id: 'web', host, endpoints: ['web-a:5678'] },
  { id: 'api', endpoints: ['api-a:80', 'api-b:80'] },
  { id: 'api2', endpoints: ['api2:80'] },
  { id: 'edge-only', endpoints: ['e:80'], groups: ['edge'] },
  https,
  { kind: 'Certificate', name: 'web' },
  {
    kind: 'Route',
    name: 'api',
    hosts: [host],
    match: [{ path: { prefix: '/api' }, methods: ['GET'], headers: { 'x-version': { exact: '2' } } }, { path: { prefix: '/api' } }],
    to: [{ service: 'api', weight: 3 }, { service: 'api2' }, { service: 'edge-only', weight: 9 }],
    rewrite: { prefix: '/', host: 'inner' },
  },
  { kind: 'Route', name: 'gone', hosts: [host, '*.example.com'], match: [{ path: { exact: '/gone' } }], respond: { status: 410, body: 'gone' } },
  { kind: 'Route', name: 'far', hosts: ['*.far.example.com'], to: [{ service: 'edge-only' }] },
  { kind: 'Route', name: 'secure', hosts: [host], listeners: ['http'], match: [{ path: { prefix: '/login' } }], redirect: { scheme: 'https' } },
];

function ask(url: string, more: Partial<SentRequest> = {}, group = 'default', all: readonly Wish[] = objects): Explanation {
  const [, scheme = '', name = '', port, path = ''] = /^(https?):\/\/([^/:]+)(?::(\d+))?(.*)$/.exec(url) ?? [];
  const sent: SentRequest = {
    scheme: scheme as 'http',
    host: name,
    ...(port === undefined ? {} : { port: Number(port) }),
    path,
    method: 'GET',
    headers: [],
    ...more,
  };
  return explain({ objects: all, group, builtIn }, sent);
}

describe('explain', () => {
  it('says which route a request meets, where it leads, and why no other was met', () => {
    expect(ask('http://web.example.com:10080/api/users?page=2', { headers: [['X-Version', '2']] })).toEqual({
      group: 'default',
      outcome: 'services',
      request: { method: 'GET', scheme: 'http', host, path: '/api/users?page=2' },
      listener: { name: 'http', address: '0.0.0.0:10080', protocol: 'http' },
      host,
      route: { name: 'api', match: 0 },
      services: [
        { id: 'api', share: 0.75, endpoints: ['api-a:80', 'api-b:80'] },
        { id: 'api2', share: 0.25, endpoints: ['api2:80'] },
      ],
      missing: ['edge-only'],
      rewrite: { path: '/users?page=2', host: 'inner' },
      others: [
        { route: 'gone', match: 0, because: 'the path /api/users is not /gone' },
        { route: 'secure', match: 0, because: 'the path /api/users is not under /login' },
        { route: 'api', match: 1, because: 'route "api" (match 0) was asked before: it has more conditions' },
      ],
    });
  });

  it('names the first condition that failed', () => {
    const because = (more: Partial<SentRequest>, url = 'http://web.example.com/api') =>
      ask(url, more).others.find(({ match, route }) => route === 'api' && match === 0)?.because;
    expect(because({ method: 'POST' })).toBe('the method POST is not GET');
    expect(because({})).toBe('the header x-version is not there');
    expect(
      because({
        headers: [
          ['x-version', '1'],
          ['x-version', '3'],
        ],
      }),
    ).toBe('the header x-version is "1" and "3", which is not "2"');
    expect(because({}, 'http://web.example.com/apis')).toBe('the path /apis is not under /api');
  });

  it('comes to the service of the host where no route takes it', () => {
    const { outcome, route, services } = ask('http://web.example.com/');
    expect({ outcome, route, services }).toEqual({ outcome: 'services', route: null, services: [{ id: 'web', share: 1, endpoints: ['web-a:5678'] }] });
  });

  it.each([
    ['http://web.example.com/gone', { outcome: 'respond', status: 410, body: 'gone', host }],
    ['http://x.y.example.com/gone', { outcome: 'respond', host: '*.example.com' }],
    ['http://x.example.com/', { outcome: 'no-route', status: 404, because: 'no route of *.example.com takes it, and no service has this host' }],
    ['http://x.far.example.com/', { outcome: 'no-service', status: 503, missing: ['edge-only'], because: 'none of its services is in this group: edge-only' }],
    ['http://example.com/', { outcome: 'no-host', status: 404, host: null, because: 'nobody has the host example.com, nor a wildcard above it' }],
    ['http://web.example.com:80/login?a=b', { outcome: 'redirect', status: 301, location: 'https://web.example.com/login?a=b' }],
    ['http://web.example.com:8080/login', { location: 'https://web.example.com:8080/login', listener: { note: 'the only one for http; none has port 8080' } }],
    ['https://web.example.com/login', { outcome: 'services', route: null, listener: { name: 'https' } }],
    ['http://web.example.com/%00', { outcome: 'refused', status: 400, because: 'the path cannot be normalised' }],
    ['http://web.example.com/a/../gone', { outcome: 'respond', request: { path: '/gone' } }],
  ])('says of %s: %j', (url, expected) => {
    expect(ask(url)).toMatchObject(expected);
  });

  it('is about one group', () => {
    expect(ask('http://x.far.example.com/', {}, 'edge')).toMatchObject({ outcome: 'services', services: [{ id: 'edge-only', share: 1 }] });
    const only = objects.filter((each) => !('kind' in each && each.kind === 'Listener'));
    expect(ask('https://web.example.com/', {}, 'default', only)).toMatchObject({ outcome: 'no-listener', because: 'no listener of this group takes https' });
  });

  it('does not count on a listener whose certificates the group lacks', () => {
    const elsewhere = objects.map((each) => ('kind' in each && each.kind === 'Certificate' ? { ...each, groups: ['edge'] } : each));
    expect(ask('https://web.example.com/', {}, 'default', elsewhere).outcome).toBe('no-listener');
    expect(ask('https://web.example.com/', {}, 'edge', elsewhere).outcome).toBe('services');
  });

  it('knows a listener that sends everything to https', () => {
    const redirecting: Listener = { ...builtIn, redirectToHttps: true };
    expect(ask('http://web.example.com:10080/a?b', {}, 'default', [...objects, redirecting])).toMatchObject({
      outcome: 'redirect',
      location: 'https://web.example.com/a?b',
    });
    expect(ask('http://web.example.com/a', {}, 'default', [...objects, { ...redirecting, redirectToHttps: 8443 }])).toMatchObject({
      location: 'https://web.example.com:8443/a',
    });
  });
});

describe('what Envoys of different versions do', () => {
  it('goes by the version, the newest where there is none', () => {
    const old = { joinsHeaders: true, keepsDotParameters: true };
    for (const version of ['1.36.2', '1.38.9', '0.9.1']) expect(behaviourOf(version)).toEqual(old);
    for (const version of ['1.39.0', '1.40.0', '2.0.0', '', 'dev']) expect(behaviourOf(version)).toEqual({ joinsHeaders: false, keepsDotParameters: false });
    expect(normalPath('/a/..;x/b', behaviourOf('1.36.2'))).toBe('/a/..;x/b');
    expect(normalPath('/a/..;x/b', behaviourOf('1.40.0'))).toBe('/b');
  });
});
