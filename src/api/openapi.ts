import { z } from 'zod';
import { ERRORS } from '../lib/errors.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

type Schema = Record<string, unknown>;

/** The OpenAPI 3.1 document of the routes, made of the schemas that check them. */
export function openapi(routes: readonly Route[], version: string): Schema {
  const paths: Record<string, Schema> = {};
  for (const each of routes) paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: operation(each) };
  return {
    openapi: '3.1.0',
    info: { title: 'Envoyage', version, description: 'Keeps a fleet of Envoys configured. Errors are problem documents (RFC 9457).' },
    servers: [{ url: '/' }],
    security: [{}, { token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(answers.problem, 'output') },
    },
  };
}

function operation(route: Route): Schema {
  return {
    operationId: route.operation,
    summary: route.summary,
    parameters: [...pathParameters(route.path), ...queryParameters(route.query), ...headerParameters(route)],
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: content(route.body.types, schemaOf(route.body.schema, 'input')) } }),
    responses: { ...successes(route), ...problems(route) },
  };
}

function successes({ answers: all }: Route): Schema {
  const entries = Object.entries(all).map(([status, { description, schema, type }]) => {
    if (schema !== undefined) return [status, { description, content: content(['application/json'], schemaOf(schema, 'output')) }];
    return [status, { description, ...(type === undefined ? {} : { content: content([type], { type: 'string' }) }) }];
  });
  return Object.fromEntries(entries);
}

/** Those of the route, and those that any request may meet. */
function problems(route: Route): Schema {
  const everywhere = [400, 401, 403, ...(route.body === undefined ? [] : [413, 415]), ...(route.method === 'GET' ? [] : [503])];
  const statuses = [...new Set([...everywhere, ...route.problems])].toSorted((a, b) => a - b);
  const titled = statuses.map((status) => [status, problem(Object.values(ERRORS).find((error) => error.status === status)?.title ?? 'A problem')]);
  return { ...Object.fromEntries(titled), default: problem('Something else is wrong') };
}

function problem(title: string): Schema {
  return { description: `${title}.`, content: content(['application/problem+json'], { $ref: '#/components/schemas/Problem' }) };
}

function pathParameters(path: string): Schema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(query: z.ZodType): Schema[] {
  // The type is that of what is read out of the text; whether it has to be there is a matter of the text.
  const { properties = {} } = schemaOf(query, 'output') as { properties?: Record<string, Schema> };
  const { required = [] } = schemaOf(query, 'input') as { required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function headerParameters({ method, path, answers: all }: Route): Schema[] {
  const author = header('X-Envoyage-Author', 'Who asks, for the history.', { maxLength: 128 });
  const ifMatch = header('If-Match', 'The ETag that the object must still have, or `*` for any.');
  const ifNoneMatch = header('If-None-Match', method === 'GET' ? 'ETags that the client has the answer of.' : '`*` where there must be no such object yet.');
  if (method === 'GET') return 304 in all ? [ifNoneMatch] : [];
  if (!/\{(id|name)\}$/.test(path)) return [author];
  return method === 'PUT' ? [author, ifMatch, ifNoneMatch] : [author, ifMatch];
}

function header(name: string, description: string, more: Schema = {}): Schema {
  return { name, in: 'header', required: false, description, schema: { type: 'string', ...more } };
}

function content(types: readonly string[], schema: Schema): Schema {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return inline(rest) as Schema;
}

/** Schemas with an id become `$defs` beside each use; here they are put in their place, so that every schema stands by itself. */
function inline(root: Schema): unknown {
  const defs = (root['$defs'] ?? {}) as Record<string, Schema>;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Schema;
    const name = typeof object['$ref'] === 'string' ? /^#\/\$defs\/(.+)$/.exec(object['$ref'])?.[1] : undefined;
    if (name !== undefined && defs[name] !== undefined) return walk(defs[name]);
    return Object.fromEntries(
      Object.entries(object)
        .filter(([key]) => (key !== '$defs' && key !== 'id') || (key === 'id' && typeof object['id'] !== 'string'))
        .map(([key, item]) => [key, walk(item)]),
    );
  };
  return walk(root);
}
