import { describe, expect, it } from 'vitest';
import { type Schema, violations } from '../../tests/support/json-schema.ts';
import { jsonSchema } from './json-schema.ts';
import { KINDS } from './kinds.ts';

const schema = jsonSchema();
const resolve = (ref: string): Schema => {
  const found = (schema['$defs'] as Record<string, Schema>)[ref.replace('#/$defs/', '')];
  if (found === undefined) throw new Error(`${ref} leads nowhere`);
  return found;
};
const faults = (value: unknown): string[] => violations({ anyOf: schema['anyOf'] }, value, resolve);

describe('the published schema', () => {
  it('has a definition for each kind that can be declared, and for nothing else', () => {
    for (const kind of KINDS) {
      expect(resolve(`#/$defs/${kind}`)['properties'], kind).toMatchObject({ kind: { const: kind } });
      expect(JSON.stringify(resolve(`#/$defs/${kind}`)).replaceAll(/"#\/\$defs\/(\w+)"/g, (_, name: string) => typeof resolve(name))).not.toContain(
        'undefined',
      );
    }
    expect((schema['$defs'] as { Object: { anyOf: unknown[] } }).Object.anyOf).toHaveLength(KINDS.length);
  });

  it('takes documents as they are written, and lists of them', () => {
    const web = { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: ['web-a:5678'] };
    expect(faults(web)).toEqual([]);
    expect(faults({ host: 'web.example.com', endpoints: ['web-a:5678'] })).toEqual([]);
    expect(faults([web, web])).toEqual([]);
  });

  it.each([
    { kind: 'Servce', name: 'web', host: 'web.example.com', endpoints: ['web-a:5678'] },
    { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: [] },
    { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: ['web-a:5678'], endpiont: 'x' },
    5,
  ])('does not take %j', (value) => {
    expect(faults(value)).not.toEqual([]);
  });
});
