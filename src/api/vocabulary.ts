import { jsonSchema } from '../model/json-schema.ts';
import { objectAnswers } from './objects/schemas.ts';
import { type Route, route } from './route.ts';
import { noQuery } from './schemas.ts';

/** The JSON Schema of what can be declared. */
export function vocabularyRoutes(): Route[] {
  let schema: unknown;
  return [
    route({
      method: 'GET',
      path: '/api/v1/schema',
      operation: 'schema',
      summary: 'The JSON Schema of objects, one definition for each kind.',
      query: noQuery,
      answers: { 200: { description: 'A JSON Schema, 2020-12.', schema: objectAnswers.schema } },
      problems: [],
      handle: () => {
        schema ??= jsonSchema();
        return { status: 200, body: schema };
      },
    }),
  ];
}
