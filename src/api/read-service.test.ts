import { describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { LIMITS } from '../model/service.ts';
import { pointedInto, readService, readServices } from './read-service.ts';

const service = (host: string): object => ({ host, endpoints: ['web-a:5678'] });

describe('readServices', () => {
  it('reads one, or a list in its order', () => {
    expect(readServices(service('a'))).toMatchObject([{ id: 'a' }]);
    expect(readServices([service('b'), service('a')])).toMatchObject([{ id: 'b' }, { id: 'a' }]);
  });

  it('takes as many as it says, and not one more', () => {
    const most = Array.from({ length: LIMITS.servicesPerRequest }, (_, i) => service(`h${i}.example.com`));
    expect(readServices(most)).toHaveLength(10_000);
    expect(() => readServices([...most, service('one-more')])).toThrow('the list has 10001 services; at most 10000 at once');
  });

  it('counts before it reads', () => {
    expect(() => readServices(Array(10_001).fill(5))).toThrow('the list has 10001 services');
  });

  it('refuses an empty list', () => {
    expect(() => readServices([])).toThrow(expect.objectContaining({ message: 'the list is empty', errors: [{ field: '', message: 'the list is empty' }] }));
  });

  it.each([[undefined], [null], [5], ['web'], [[null]], [[[]]]])('refuses %j', (body) => {
    expect(() => readServices(body)).toThrow('a service must be an object');
  });
});

describe('readService', () => {
  it('takes the id of the URL where the body has none', () => {
    expect(readService('web', service('web.example.com'))).toMatchObject({ id: 'web', host: 'web.example.com' });
    expect(readService('web', { ...service('web.example.com'), id: 'web' })).toMatchObject({ id: 'web' });
  });

  it.each(['*.example.com', '[::1]'])('takes a host such as %s for an id', (id) => {
    expect(readService(id, service(id))).toMatchObject({ id, host: id });
  });

  it('refuses another id', () => {
    expect(() => readService('web', { ...service('web.example.com'), id: 'api' })).toThrow(
      expect.objectContaining({
        message: 'the id "api" is not the one of the URL, "web"',
        errors: [{ field: '/id', message: 'does not match the URL; a service cannot be renamed' }],
      }),
    );
  });

  it('does not take an inherited id for one of the body', () => {
    expect(() => readService('web', JSON.parse('{"host":"a","endpoints":["a:1"],"__proto__":{"id":"api"}}'))).toThrow('unknown field "__proto__"');
  });

  it.each([[null], [5], ['web'], [[service('web')]]])('refuses %j', (body) => {
    expect(() => readService('web', body)).toThrow('a service must be an object');
  });
});

describe('pointedInto', () => {
  const thrown = new EnvoyageError('service-exists', 'x', { hint: 'y', errors: [{ field: '/host', message: 'z' }] });

  it('points into a list of one, as a commit cannot', () => {
    expect(pointedInto([{}], thrown)).toMatchObject({ code: 'service-exists', message: 'x', hint: 'y', errors: [{ field: '/0/host', message: 'z' }] });
  });

  it('leaves everything else as it is', () => {
    const other = new Error('x');
    expect(pointedInto([{}], other)).toBe(other);
    for (const body of [{}, [{}, {}], undefined]) expect(pointedInto(body, thrown)).toBe(thrown);
  });
});
