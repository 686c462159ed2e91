import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMMON_LIMITS, commonFields, commonOf, nameSchema } from './common-schema.ts';
import { durationSchema } from './duration-schema.ts';
import { parseOrThrow } from './validation.ts';

const schema = z.strictObject(commonFields).transform(commonOf);
const read = (input: unknown): unknown => parseOrThrow(schema, input, Object.keys(commonFields));

describe('labels', () => {
  it('are sorted, and gone where there are none', () => {
    expect(JSON.stringify(read({ labels: { b: '1', a: '', 'example.com/c': 'x.y_z-1' } }))).toBe('{"labels":{"a":"","b":"1","example.com/c":"x.y_z-1"}}');
    expect(read({ labels: {} })).toStrictEqual({});
    expect(read({})).toStrictEqual({});
  });

  it.each(['', '-a', 'a-', 'a b', 'ü', 'a'.repeat(64), '/a', 'a/', 'a/b/c', 'A.com/a', `${'a'.repeat(254)}/a`])('cannot be named %j', (key) => {
    expect(() => read({ labels: JSON.parse(`{${JSON.stringify(key)}:"x"}`) })).toThrow(': the name of a label must be 1 to 63 letters, digits');
  });

  it.each(['-', 'a b', 'a,b', 'a'.repeat(64)])('cannot have the value %j', (value) => {
    expect(() => read({ labels: { a: value } })).toThrow('/labels/a: the value of a label must be at most 63 letters');
  });

  it('are strings in a map', () => {
    expect(() => read({ labels: ['a'] })).toThrow('/labels: labels must be a map, as in {"team":"web"}');
    expect(() => read({ labels: { a: 1 } })).toThrow('/labels/a: the value of a label must be a string');
  });

  it('may be named like what every object has', () => {
    expect(read({ labels: { constructor: 'a' } })).toStrictEqual({ labels: { constructor: 'a' } });
  });

  it('have their limit', () => {
    const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, '']));
    expect(read({ labels: labels(COMMON_LIMITS.labels) })).toMatchObject({ labels: { l0: '' } });
    expect(() => read({ labels: labels(COMMON_LIMITS.labels + 1) })).toThrow('/labels: labels must be at most 64');
  });
});

describe('names', () => {
  it.each(['web', '*.example.com', '[::1]'])('%s is one', (name) => {
    expect(nameSchema('the name').parse(name)).toBe(name);
  });

  it('are called what they are', () => {
    expect(() => parseOrThrow(nameSchema('the name'), 'A/b', [])).toThrow('the name must be 1 to 253 lower-case letters');
  });
});

describe('durations', () => {
  const refusal = (value: unknown, bounds = {}) => expect(() => parseOrThrow(durationSchema('the timeout', bounds), value, []));

  it('have one form', () => {
    expect(durationSchema('the timeout').parse('1m30s')).toBe('90s');
  });

  it('say what is wrong', () => {
    refusal('15').toThrow('the timeout "15" lacks a unit: write 15s for seconds');
    refusal(15).toThrow('the timeout must be a string, as in "15s"');
    refusal('0').toThrow('the timeout "0" is no time at all');
    refusal('1ms', { least: 10 }).toThrow('the timeout "1ms" is shorter than 10ms');
    refusal('2s', { most: 1000 }).toThrow('the timeout "2s" is longer than 1000ms');
    expect(durationSchema('the timeout', { least: 0 }).parse('0ms')).toBe('0s');
  });
});
