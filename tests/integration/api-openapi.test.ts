import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/lib/errors.ts';
import { TestApi } from '../support/api.ts';
import type { Contract, OpenApi, Operation } from '../support/contract.ts';
import { type Schema, violations } from '../support/json-schema.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

describe('/openapi.json', () => {
  let api: TestApi;
  let contract: Contract;
  let document: OpenApi;
  beforeAll(async () => {
    api = await TestApi.start();
    contract = await api.contract();
    ({ document } = contract);
  });
  afterAll(() => api.close());

  const operations = (): [string, string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, string, Operation] => [method, path, operation]),
    );

  /** Every value in the document, with the way to it. */
  function* walk(value: unknown = document, at: readonly string[] = []): Generator<[readonly string[], unknown]> {
    yield [at, value];
    if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) yield* walk(item, [...at, key]);
  }

  it('is a document of OpenAPI 3.1 with what it must have', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Envoyage', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown } });
    expect(Object.keys(document).filter((key) => !['openapi', 'info', 'servers', 'security', 'paths', 'components', 'tags'].includes(key))).toEqual([]);
    for (const [method, path, { responses }] of operations()) {
      expect(METHODS, path).toContain(method);
      for (const [status, { description }] of Object.entries(responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        expect(description, `${method} ${path} ${status}`).toMatch(/\S/);
      }
      expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  });

  it('has only references that lead somewhere', () => {
    const refs = [...walk()].filter(([at]) => at.at(-1) === '$ref' && at.at(-2) !== 'properties');
    expect(refs.length).toBeGreaterThan(10);
    for (const [, ref] of refs) expect(() => contract.resolve(ref as string)).not.toThrow();
  });

  it('has no remains of how its schemas were made', () => {
    for (const [at, value] of walk()) {
      if (at.at(-2) === 'properties') continue;
      expect(['$schema', '$defs', 'definitions', '~standard'], at.join('/')).not.toContain(at.at(-1));
      if (at.at(-1) === 'id') expect(typeof value, at.join('/')).toBe('object');
    }
  });

  it('names each operation once', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    expect(ids).toEqual([...new Set(ids)]);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it('declares the parameters in its paths, and no parameter twice', () => {
    for (const [method, path, { parameters }] of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(
        parameters.filter((each) => each.in === 'path').map(({ name, required }) => [name, required]),
        `${method} ${path}`,
      ).toEqual(inPath.map((name) => [name, true]));
      const keys = parameters.map((each) => `${each.in} ${each.name.toLowerCase()}`);
      expect(keys).toEqual([...new Set(keys)]);
      for (const each of parameters) expect(Object.keys(each.schema).length, each.name).toBeGreaterThan(0);
    }
  });

  it('uses only JSON Schema that the tests understand', () => {
    const schemas = [...walk()].filter(([at]) => at.at(-1) === 'schema').map(([, schema]) => schema as Schema);
    expect(schemas.length).toBeGreaterThan(50);
    for (const schema of schemas) for (const value of [null, 5, '', [], {}]) expect(() => violations(schema, value, contract.resolve)).not.toThrow();
  });

  it('has an operation behind everything that it lists', async () => {
    for (const [method, path, operation] of operations()) {
      // Its answer has no end.
      if (path === '/api/v1/events') continue;
      const real = path.replace('{id}', 'nobody').replace('{number}', '1').replace('{kind}', 'Route').replace('{name}', 'nobody');
      const answer = await api.call(method.toUpperCase(), real, operation.requestBody === undefined ? {} : { body: 5 });
      if (answer.status >= 400)
        expect(
          [
            'invalid-request',
            'service-not-found',
            'object-not-found',
            'provider-not-found',
            'agent-refused',
            'override-not-found',
            'node-not-found',
            'revision-not-found',
          ],
          `${method} ${path}`,
        ).toContain(answer.problem().code);
    }
  });

  it('asks for a body where there has to be one, in the types that are read', async () => {
    for (const [method, path, { requestBody }] of operations()) {
      const takes = ['post', 'put', 'patch'].includes(method) && !/\/(?:reload-xds|pause|resume|resync|renew)$/.test(path);
      expect(requestBody?.required, `${method} ${path}`).toBe(takes ? true : undefined);
      for (const type of Object.keys(requestBody?.content ?? {})) {
        const answer = await api.call(method.toUpperCase(), path.replace('{id}', 'nobody').replace('{kind}', 'Route').replace('{name}', 'nobody'), {
          body: 5,
          headers: { 'content-type': type },
        });
        expect([400, 404], type).toContain(answer.status);
      }
    }
  });

  it('knows every code that there is', () => {
    const { properties } = contract.resolve('#/components/schemas/Problem') as { properties: { code: { enum: string[] } } };
    expect(properties.code.enum.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });

  it.each([
    [web, true],
    [[web], true],
    [{ ...web, id: '[::1]', groups: ['edge'] }, true],
    [{ ...web, revision: 5, createdAt: 'x', updatedAt: 'x', updatedBy: 'x' }, true],
    [{ host: 'web.example.com' }, false],
    [{ ...web, endpoints: [] }, false],
    [{ ...web, groups: ['a b'] }, false],
    [{ ...web, id: 'Web' }, false],
    [{ ...web, endpoint: 'x' }, false],
    [{ ...web, host: 5 }, false],
    [[], false],
    [5, false],
  ])('says of the body %j the same as the server: %s', async (body, good) => {
    const schema = contract.operation('POST', '/api/v1/services')?.requestBody?.content['application/json']?.schema ?? {};
    expect(violations(schema, body, contract.resolve).length === 0).toBe(good);
    expect((await api.call('POST', '/api/v1/services', { body })).status).toBe(good ? 201 : 400);
    await api.call('DELETE', '/api/v1/services/web.example.com');
    await api.call('DELETE', '/api/v1/services/[::1]');
  });

  it.each([
    [{}, true],
    [{ groups: null }, true],
    [{ id: null, revision: null, updatedBy: 'x' }, true],
    [{ endpoints: ['a:1'], host: 'a.example.com', groups: ['edge'] }, true],
    [{ endpoints: null }, false],
    [{ endpoints: 'a:1' }, false],
    [{ groups: 'edge' }, false],
    [{ endpiont: [] }, false],
    [[], false],
  ])('says of the patch %j the same as the server: %s', async (body, good) => {
    await api.call('PUT', '/api/v1/services/web.example.com', { body: web });
    const schema = contract.operation('PATCH', '/api/v1/services/x')?.requestBody?.content['application/merge-patch+json']?.schema ?? {};
    expect(violations(schema, body, contract.resolve).length === 0, violations(schema, body, contract.resolve).join()).toBe(good);
    expect((await api.call('PATCH', '/api/v1/services/web.example.com', { body })).status).toBe(good ? 200 : 400);
    await api.call('DELETE', '/api/v1/services/web.example.com');
  });
});
