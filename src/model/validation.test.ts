import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refusal as refusalOf } from '../../tests/support/refusal.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { SERVICE_FIELDS, serviceSchema } from './service.ts';
import { parseOrThrow, pointer } from './validation.ts';

const refusal = (input: unknown, schema: z.ZodType = serviceSchema.array(), what?: string): EnvoyageError =>
  refusalOf(() => parseOrThrow(schema, input, SERVICE_FIELDS, what));

const GOOD = { host: 'a', endpoints: ['a:1'] };

describe('parseOrThrow', () => {
  it('points to every fault, in lists as well', () => {
    const { code, errors, message } = refusal([GOOD, { ...GOOD, host: 'http://a' }, GOOD, { host: 'a', endpoints: ['a'], grups: [] }, 5]);
    expect(code).toBe('invalid-request');
    expect(errors).toEqual([
      { field: '/1/host', message: 'the host "http://a" is a URL: leave out the scheme, as in web.example.com' },
      { field: '/3/endpoints/0', message: 'the endpoint "a" lacks a port: write HOST:PORT' },
      { field: '/3/grups', message: 'unknown field "grups" (did you mean "groups"?)' },
      { field: '/4', message: 'a service must be an object, as in {"host":"web.example.com","endpoints":["web-a:5678"]}' },
    ]);
    expect(message).toBe(errors.map(({ field, message: each }) => `${field}: ${each}`).join('; '));
  });

  it('points to the whole by an empty pointer, and says no pointer in the message', () => {
    expect(refusal(5, serviceSchema)).toMatchObject({ errors: [{ field: '' }], message: expect.stringMatching(/^a service must be/) as unknown });
  });

  it('calls the members what they are', () => {
    expect(refusal({ x: 1 }, z.strictObject({}), 'query parameter').errors).toEqual([{ field: '/x', message: 'unknown query parameter "x"' }]);
  });

  it('lists the first twenty, and says that there are more', () => {
    const twenty = refusal(Array(20).fill(5));
    expect(twenty.errors).toHaveLength(20);
    expect(twenty.message).not.toMatch(/and more$/);
    const all = refusal(Array(10_000).fill(5));
    expect(all.errors).toHaveLength(20);
    expect(all.message).toMatch(/; and more$/);
  });

  it('looks for what was meant no longer than it lists faults', () => {
    let asked = 0;
    const known = {
      *[Symbol.iterator]() {
        asked++;
        yield 'host';
      },
    } as unknown as readonly string[];
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`field-${i}`, 1]));
    expect(() => parseOrThrow(serviceSchema, many, known)).toThrow(EnvoyageError);
    expect(asked).toBeLessThanOrEqual(21);
  });

  it('shows no more of a name than helps', () => {
    const { errors, message } = refusal({ ...GOOD, ['k'.repeat(1_000_000)]: 1 }, serviceSchema);
    expect(errors).toHaveLength(1);
    expect(message.length).toBeLessThan(1000);
    expect(errors[0]?.field).toBe(`/${'k'.repeat(199)}…`);
  });
});

describe('pointer', () => {
  it.each([
    [[], ''],
    [[''], '/'],
    [['a', 0], '/a/0'],
    [['a/b', 'm~n', '~1'], '/a~1b/m~0n/~01'],
  ])('%j → %s', (path, text) => {
    expect(pointer(path)).toBe(text);
  });
});
