import { describe, expect, it } from 'vitest';
import type { Stored } from '../model/kinds.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET } from '../xds/types.ts';
import { concerns, isNamedAfter, namedCulprits, spokenOf } from './culprits.ts';
import { ABOUT, route, service } from './testkit.ts';

const raw = (name: string, type: string, resource: Record<string, unknown> = {}): Stored => ({ kind: 'Raw', name, type, resource, ...ABOUT });
const listener: Stored = { kind: 'Listener', name: 'https', address: '0.0.0.0:443', protocol: 'https', ...ABOUT };
const certificate: Stored = { kind: 'Certificate', name: 'web', ...ABOUT };

describe('who is to blame', () => {
  it('of clusters and listeners Envoy names all that it refused, at the beginning of a line or after a comma', () => {
    const names = ['web', 'api', 'cluster', 'bad'];
    expect(namedCulprits('Error adding/updating cluster(s) bad: no such transport socket for cluster web', names)).toEqual(['bad']);
    expect(namedCulprits('Error adding/updating cluster(s) web: malformed IP address: x, api: cluster: no', names)).toEqual(['web', 'api']);
    expect(namedCulprits('Error adding/updating listener(s) web: cannot bind\napi: no filter chains\n', names)).toEqual(['web', 'api']);
  });

  it('who is merely mentioned is not named', () => {
    expect(namedCulprits('Error adding/updating cluster(s) other: refers to web', ['web'])).toBeUndefined();
    expect(namedCulprits('route: unknown cluster web: nowhere', ['web'])).toBeUndefined();
    expect(namedCulprits('', ['web'])).toBeUndefined();
  });

  it.each([
    [
      'service',
      service('web'),
      [
        [CLUSTER, 'web'],
        [ENDPOINTS, 'web'],
        [ROUTES, 'http'],
        [CLUSTER, 'web/part'],
        [LISTENER, 'web.example.com:80'],
      ],
      [
        [CLUSTER, 'webs'],
        [ENDPOINTS, 'api'],
        [SECRET, 'web'],
        [LISTENER, 'web'],
      ],
    ],
    [
      'route',
      route('web', ['web.test'], ['web']),
      [[ROUTES, 'http']],
      [
        [CLUSTER, 'web'],
        [LISTENER, 'http'],
      ],
    ],
    [
      'listener',
      listener,
      [
        [LISTENER, 'https'],
        [ROUTES, 'https'],
      ],
      [
        [LISTENER, 'http'],
        [CLUSTER, 'https'],
      ],
    ],
    [
      'certificate',
      certificate,
      [
        [SECRET, 'web'],
        [LISTENER, 'https'],
      ],
      [
        [SECRET, 'api'],
        [ROUTES, 'http'],
      ],
    ],
    [
      'raw',
      raw('x', CLUSTER, { name: 'mine' }),
      [[CLUSTER, 'mine']],
      [
        [CLUSTER, 'x'],
        [LISTENER, 'mine'],
      ],
    ],
  ] as const)('a %s concerns what it puts something into', (_, object, yes, no) => {
    for (const [type, name] of yes) expect(concerns(object, type, new Set([name])), `${type} ${name}`).toBe(true);
    for (const [type, name] of no) expect(concerns(object, type, new Set([name])), `${type} ${name}`).toBe(false);
  });

  it('a resource of its own bears the name of its object; a table, and what refers to a certificate, does not', () => {
    expect([isNamedAfter(service('web'), CLUSTER, 'web'), isNamedAfter(listener, LISTENER, 'https'), isNamedAfter(certificate, SECRET, 'web')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isNamedAfter(service('web'), ROUTES, 'http'), isNamedAfter(certificate, LISTENER, 'https')]).toEqual([false, false]);
    expect(isNamedAfter(raw('x', ROUTES, { name: 'mine' }), ROUTES, 'mine')).toBe(true);
  });

  it('the words speak of who says the longest thing in them', () => {
    const suspects = [
      { key: 'Route/a', object: route('a', ['a.test'], ['web'], { match: [{ path: { regex: '/a(' } }] } as object) },
      { key: 'Route/b', object: route('b', ['b.test'], ['web'], { match: [{ path: { regex: '/b' } }] } as object) },
    ];
    expect(spokenOf('missing ): /a(', suspects)).toEqual(['Route/a']);
    expect(spokenOf('malformed address: 10.0.0.300', [...suspects, { key: 'api', object: service('api', ['10.0.0.300:80']) }])).toEqual(['api']);
  });

  it('they speak of nobody where they repeat nothing, or what all say', () => {
    const suspects = ['a', 'b'].map((id) => ({ key: id, object: service(id) }));
    expect(spokenOf('?', suspects)).toEqual([]);
    expect(spokenOf('10.0.0.1', suspects)).toEqual([]);
    expect(spokenOf('x', [{ key: 'gone', object: undefined }])).toEqual([]);
  });
});
