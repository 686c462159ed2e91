import { z } from 'zod';
import { KINDS, type Kind } from './kinds.ts';
import { SCHEMAS } from './schemas.ts';

type Schema = Record<string, unknown>;

/**
 * The vocabulary as a JSON Schema (2020-12), made of the schemas that check it: one definition for each kind in `$defs`. Editors
 * complete and check documents by it; what it cannot say, such as how a host is written, `envoyage validate` does.
 */
export function jsonSchema(): Schema {
  const definitions: Schema = {};
  for (const kind of KINDS) {
    const known = SCHEMAS[kind];
    const { $defs = {}, ...root } = z.toJSONSchema(known.schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema & { $defs?: Schema };
    // A schema with an id is a reference to its definition.
    const own = String(root['$ref'] ?? '').replace('#/$defs/', '');
    Object.assign(definitions, $defs, { [kind]: definition(kind, own === '' ? root : ($defs[own] as Schema)) });
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Envoyage',
    description: 'One object, or a list of them, as envoyage apply takes it.',
    anyOf: [{ $ref: '#/$defs/Object' }, { type: 'array', items: { $ref: '#/$defs/Object' } }],
    $defs: {
      Object: { anyOf: KINDS.map((kind) => ({ $ref: `#/$defs/${kind}` })) },
      ...definitions,
    },
  };
}

/** A service says its kind and its name in a document, where its schema has an id alone. */
function definition(kind: Kind, { $schema: _, id: _id, ...schema }: Schema): Schema {
  const { properties = {}, required = [] } = schema as { properties?: Schema; required?: string[] };
  const kindProperty = { const: kind, description: 'What kind of object this is.' };
  if (kind !== 'Service') {
    return { ...schema, properties: { ...properties, kind: kindProperty }, required: [...new Set(['kind', ...required])] };
  }
  const { id, ...others } = properties;
  const name = { ...(id as Schema | undefined), description: 'What the service is called; its host unless given.' };
  return { ...schema, properties: { kind: kindProperty, name, id, ...others }, required };
}
