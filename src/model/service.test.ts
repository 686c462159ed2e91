import { describe, expect, it } from 'vitest';
import { COMMON_LIMITS } from './common-schema.ts';
import { groupsOverlap, LIMITS, SERVICE_FIELDS, type Service, sameService, servedBy, serviceSchema } from './service.ts';
import { parseOrThrow } from './validation.ts';

const read = (input: unknown): Service => parseOrThrow(serviceSchema, input, SERVICE_FIELDS);
const short = (more: object = {}): object => ({ host: 'web.example.com', endpoints: ['web-a:5678'], ...more });

describe('a service', () => {
  it('has its host as its id in the short form, and nothing else besides', () => {
    expect(read({ host: 'WEB.example.com.', endpoints: ['Web-A:05678'] })).toStrictEqual({
      id: 'web.example.com',
      host: 'web.example.com',
      endpoints: ['web-a:5678'],
    });
    expect(read({ host: '::1', endpoints: ['[0:0::1]:80'] })).toStrictEqual({ id: '[::1]', host: '[::1]', endpoints: ['[::1]:80'] });
  });

  it('keeps an id of its own', () => {
    for (const id of ['web', 'web-1', '0', '_web_', '*.example.com', '[::1]', 'a'.repeat(253)])
      expect(read(short({ id }))).toMatchObject({ id, host: 'web.example.com' });
  });

  it.each(['', 'Web', '-web', 'web-', 'web.', '.', '..', 'a/b', 'a b', 'ü', 'a\n', 'a'.repeat(254), '[web]', '[]', '[::1', '[::1]x', '__proto__ '])(
    'cannot have the id %j',
    (id) => {
      expect(() => read(short({ id }))).toThrow('/id: the id must be 1 to 253 lower-case letters');
    },
  );

  it('cannot bear the name of the cluster by which Envoys reach Envoyage, however it comes to it', () => {
    const message = '/id: the id "xds_cluster" is the name of the cluster by which Envoys reach Envoyage; give the service another id';
    expect(() => read(short({ id: 'xds_cluster' }))).toThrow(message);
    expect(() => read({ host: 'XDS_cluster', endpoints: ['web-a:5678'] })).toThrow(message);
    expect(read({ id: 'x', host: 'xds_cluster', endpoints: ['web-a:5678'] })).toMatchObject({ id: 'x' });
  });

  it('drops endpoints that are there twice, and keeps the order of the others', () => {
    expect(read(short({ endpoints: ['b:1', 'a:1', 'B:01', 'a:2', 'a:1'] })).endpoints).toEqual(['b:1', 'a:1', 'a:2']);
  });

  it('sorts its groups and drops those that are there twice: their order says nothing', () => {
    expect(read(short({ groups: ['b', 'a', 'B', 'b'] })).groups).toEqual(['B', 'a', 'b']);
  });

  it('has no groups where it is for all', () => {
    expect(read(short())).not.toHaveProperty('groups');
  });

  it.each(['', '-a', 'a-', '.a', 'a b', 'ü', 'a/b', 'a\n', 'a'.repeat(129), '__proto__-'])('cannot be for the group %j', (group) => {
    expect(() => read(short({ groups: [group] }))).toThrow('/groups/0: a group must be 1 to 128 letters, digits, dots, hyphens or underscores');
  });

  it('may be for groups named like what every object has', () => {
    expect(read(short({ groups: ['constructor', '__proto__', 'a'.repeat(128)] })).groups).toEqual(['__proto__', 'a'.repeat(128), 'constructor']);
  });

  it('has its limits', () => {
    const endpoints = Array.from({ length: LIMITS.endpointsPerService + 1 }, (_, i) => `a:${i + 1}`);
    expect(read(short({ endpoints: endpoints.slice(1) })).endpoints).toHaveLength(LIMITS.endpointsPerService);
    expect(() => read(short({ endpoints }))).toThrow('/endpoints: endpoints must name at most 1000');
    expect(() => read(short({ endpoints: [] }))).toThrow('/endpoints: endpoints must name at least one, as in ["web-a:5678"]');
    const groups = Array.from({ length: COMMON_LIMITS.groups + 1 }, (_, i) => `g${i}`);
    expect(read(short({ groups: groups.slice(1) })).groups).toHaveLength(COMMON_LIMITS.groups);
    expect(() => read(short({ groups }))).toThrow('/groups: groups must name at most 64');
    expect(() => read(short({ groups: [] }))).toThrow('/groups: groups must name at least one; leave it out for all Envoys');
  });

  it('takes what the registry adds, so that what was read can be sent back, and does not believe it', () => {
    const stored = { ...short(), id: 'web', revision: 7, createdAt: 'x', updatedAt: null, updatedBy: {} };
    expect(read(stored)).toStrictEqual({ id: 'web', host: 'web.example.com', endpoints: ['web-a:5678'] });
  });

  it.each([
    [null, 'a service must be an object, as in {"host":"web.example.com","endpoints":["web-a:5678"]}'],
    [[], 'a service must be an object'],
    ['web', 'a service must be an object'],
    [{}, '/endpoints: "endpoints" is missing; /host: "host" is missing: a service has one, or an id that routes lead to'],
    [short({ host: null }), '/host: the host must be a string'],
    [short({ host: 'a'.repeat(500) }), `/host: the host "${'a'.repeat(80)}…" is longer than 253 characters`],
    [short({ host: 'a/b' }), '/host: the host "a/b" has a path'],
    [short({ id: null }), '/id: the id must be a string'],
    [short({ endpoints: 'web-a:5678' }), '/endpoints: endpoints must be a list, as in ["web-a:5678"]'],
    [short({ endpoints: { 0: 'a:1' } }), '/endpoints: endpoints must be a list'],
    [
      short({ endpoints: ['a:1', 5, 'b:0'] }),
      '/endpoints/1: the endpoint must be a string, as in "web-a:5678", or an object, as in {"address":"web-a:5678","weight":2}; /endpoints/2: the endpoint "b:0" has port 0',
    ],
    [short({ groups: 'edge' }), '/groups: groups must be a list of names, as in ["edge"]'],
    [short({ groups: null }), '/groups: groups must be a list of names, as in ["edge"]'],
    [short({ groups: [['edge']] }), '/groups/0: a group must be a string'],
    [short({ endpoint: [] }), '/endpoint: unknown field "endpoint" (did you mean "endpoints"?)'],
    [short({ whatever: 1, 'a/b~c': 1 }), '/whatever: unknown field "whatever"; /a~1b~0c: unknown field "a/b~c"'],
    [JSON.parse('{"host":"a","endpoints":["a:1"],"__proto__":{"groups":["x"]}}'), '/__proto__: unknown field "__proto__"'],
    [JSON.parse('{"__proto__":{"host":"a","endpoints":["a:1"]}}'), '/host: "host" is missing'],
    [short({ constructor: 1 }), '/constructor: unknown field "constructor"'],
  ])('is not %j', (input, message) => {
    expect(() => read(input)).toThrow(message);
  });
});

describe('sameService', () => {
  const service = read(short({ groups: ['a', 'b'] }));

  it('compares what people said', () => {
    expect(sameService(service, { ...service, ...{ revision: 5 } })).toBe(true);
    for (const other of [{ id: 'x' }, { host: 'x' }, { endpoints: ['a:1'] }, { endpoints: ['web-a:5678', 'b:1'] }, { groups: ['a'] }, { labels: { a: 'b' } }]) {
      expect(sameService(service, { ...service, ...other }), JSON.stringify(other)).toBe(false);
    }
  });

  it('tells the order of endpoints, which Envoy sees, too', () => {
    expect(sameService(read(short({ endpoints: ['a:1', 'b:1'] })), read(short({ endpoints: ['b:1', 'a:1'] })))).toBe(false);
  });
});

describe('groups', () => {
  const of = (...groups: string[]): Service => read(short(groups.length === 0 ? {} : { groups }));

  it.each([
    [of(), of(), true],
    [of(), of('a'), true],
    [of('a'), of('b'), false],
    [of('a', 'b'), of('b', 'c'), true],
  ])('%j and %j overlap: %s', (a, b, overlap) => {
    expect(groupsOverlap(a, b)).toBe(overlap);
    expect(groupsOverlap(b, a)).toBe(overlap);
  });

  it('serve who is in them', () => {
    expect(servedBy(of(), 'a')).toBe(true);
    expect(servedBy(of('a'), 'a')).toBe(true);
    expect(servedBy(of('a'), 'default')).toBe(false);
    expect(servedBy(of('a'), 'constructor')).toBe(false);
  });
});
