import { describe, expect, it } from 'vitest';
import { keyOf } from '../../model/kinds.ts';
import { documentOf, parseWish } from '../../model/schemas.ts';
import { decode } from './decode.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const read = (value: unknown, template?: string) => decode(Buffer.from(JSON.stringify(value)), JSON_TYPE, 'http://h/x', template);
const documents = (value: unknown, template?: string): unknown[] => read(value, template).state.objects.map(({ object }) => documentOf(parseWish(object)));
const backend = (name: string, ...servers: object[]): object => ({ name, servers });
const web = { kind: 'Service', name: 'web', endpoints: ['10.0.0.1:80'] };

describe('backends', () => {
  it('are services of that name, with a host where the name is one', () => {
    const servers = [
      { name: 'srv1', ip: '10.0.1.10', port: 8080 },
      { name: 'srv2', ip: 'fd00::1', port: '8080', weight: 3 },
      { name: 'srv3', ip: 'box', port: 80, weight: 0 },
    ];
    const endpoints = ['10.0.1.10:8080', { address: '[fd00::1]:8080', weight: 3 }, { address: 'box:80', state: 'draining' }];
    expect(documents({ backends: [backend('api-backend', ...servers), backend('Web.Example.com', servers[0] ?? {})] })).toEqual([
      { kind: 'Service', name: 'api-backend', endpoints },
      { kind: 'Service', name: 'web.example.com', host: 'web.example.com', endpoints: ['10.0.1.10:8080'] },
    ]);
  });

  it('have the host of the template, and names that are made valid', () => {
    const [found] = documents({ backends: [backend('My API', { ip: '10.0.0.1', port: 80 })] }, '{name}.example.com');
    expect(found).toEqual({ kind: 'Service', name: 'my-api', host: 'my-api.example.com', endpoints: ['10.0.0.1:80'] });
  });

  it.each<[string, object, string, string]>([
    ['no port', backend('a', { ip: '10.0.0.1' }), '/endpoints/0', 'http://h/x#/backends/0/servers/0'],
    ['no address', backend('a', { port: 80 }), '/endpoints/0', 'http://h/x#/backends/0/servers/0'],
    ['no servers', backend('a'), '/endpoints', 'http://h/x#/backends/0/servers'],
    ['no list of servers', { name: 'a' }, '/endpoints', 'http://h/x#/backends/0/servers'],
  ])('with %s are left to the vocabulary, which finds the place', (_, wrong, pointer, place) => {
    const { state, keys } = read({ backends: [wrong] });
    const [declared] = state.objects;
    expect(() => parseWish(declared?.object)).toThrow();
    expect([declared?.placeOf?.(pointer), [...keys]]).toEqual([place, ['a']]);
  });

  it('that do not say who they are keep everything that is missing', () => {
    expect(read({ backends: [backend('a', { ip: '10.0.0.1', port: 80 })] }).state.keeps).toBeUndefined();
    expect(read({ backends: [{ servers: [] }] }).state.keeps?.('http://h/x#/backends/7')).toBe(true);
  });
});

describe('the full vocabulary', () => {
  it('is a list, objects in a map, or one object', () => {
    for (const value of [[web], { objects: [web] }, web]) expect(documents(value)).toEqual([web]);
    expect(read({ objects: [web] }).state.objects[0]?.placeOf?.('/host')).toBe('http://h/x#/objects/0/host');
    expect(read([]).keys.size + documents({ objects: [] }).length + documents({ backends: [] }).length).toBe(0);
  });

  it('may be YAML, with lines and columns', () => {
    const text = 'backends:\n  - name: web\n    servers:\n      - {ip: 10.0.0.1, port: 80}\n';
    for (const type of ['application/yaml', 'text/x-yaml', 'application/vnd.x+yaml', 'text/plain', undefined]) {
      const { state } = decode(Buffer.from(text), type, 'http://h/x', undefined);
      expect(state.objects.map(({ object, origin, placeOf }) => [keyOf(parseWish(object)), origin, placeOf?.('/endpoints/0')])).toEqual([
        ['web', 'http://h/x:2:5', 'http://h/x:4:9'],
      ]);
    }
  });

  it('counts the first of what is said twice', () => {
    const { state } = read([web, { ...web, endpoints: ['10.0.0.2:80'] }]);
    expect(state.objects).toHaveLength(1);
    expect(state.problems).toMatchObject([{ code: 'declared-twice', key: 'web', origin: 'http://h/x#/1' }]);
  });
});

it.each<[string, string | Buffer, string | undefined, RegExp]>([
  ['a word', '"services"', JSON_TYPE, /should be a list of objects/],
  ['null', 'null', JSON_TYPE, /should be a list of objects/],
  ['no JSON', '{"a": s3cret}', JSON_TYPE, /^the answer is not JSON$/],
  ['JSON that nests deeply', '['.repeat(1_000_000), JSON_TYPE, /is not JSON/],
  ['a map of neither', '{"services":[]}', JSON_TYPE, /has neither$/],
  ['a page', '<p>', 'text/html; charset=utf-8', /of type "text\/html"/],
  ['a broken document among good ones', 'kind: Service\n---\n[}\n', 'text/yaml', /^http:\/\/h\/x:3:2: /],
  ['much YAML', Buffer.alloc(5_000_000, '# '), 'text/yaml', /more than 4194304 bytes/],
])('refuses %s as a whole', (_, text, type, message) => {
  const refusal = ((): Error | undefined => {
    try {
      decode(Buffer.from(text), type, 'http://h/x', undefined);
    } catch (thrown) {
      return thrown as Error;
    }
    return undefined;
  })();
  expect(refusal?.message).toMatch(message);
  expect(refusal?.message).not.toContain('s3cret');
});
