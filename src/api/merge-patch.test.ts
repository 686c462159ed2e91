import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

/** RFC 7396, Appendix A: the original, the patch, the result. */
const APPENDIX_A = `
{"a":"b"} | {"a":"c"} | {"a":"c"}
{"a":"b"} | {"b":"c"} | {"a":"b","b":"c"}
{"a":"b"} | {"a":null} | {}
{"a":"b","b":"c"} | {"a":null} | {"b":"c"}
{"a":["b"]} | {"a":"c"} | {"a":"c"}
{"a":"c"} | {"a":["b"]} | {"a":["b"]}
{"a":{"b":"c"}} | {"a":{"b":"d","c":null}} | {"a":{"b":"d"}}
{"a":[{"b":"c"}]} | {"a":[1]} | {"a":[1]}
["a","b"] | ["c","d"] | ["c","d"]
{"a":"b"} | ["c"] | ["c"]
{"a":"foo"} | null | null
{"a":"foo"} | "bar" | "bar"
{"e":null} | {"a":1} | {"e":null,"a":1}
[1,2] | {"a":"b","c":null} | {"a":"b"}
{} | {"a":{"bb":{"ccc":null}}} | {"a":{"bb":{}}}`
  .trim()
  .split('\n')
  .map((line) => line.split(' | ').map((part) => JSON.parse(part) as unknown) as [unknown, unknown, unknown]);

/** The example of §3. */
const BEFORE = { title: 'Goodbye!', author: { givenName: 'John', familyName: 'Doe' }, tags: ['example', 'sample'], content: 'This will be unchanged' };
const PATCH = { title: 'Hello!', phoneNumber: '+01-123-456-7890', author: { familyName: null }, tags: ['example'] };
const AFTER = { title: 'Hello!', author: { givenName: 'John' }, tags: ['example'], content: 'This will be unchanged', phoneNumber: '+01-123-456-7890' };

describe('mergePatch', () => {
  it('is tried with all of the examples', () => {
    expect(APPENDIX_A).toHaveLength(15);
  });

  it.each([...APPENDIX_A, [BEFORE, PATCH, AFTER]])('%j with %j → %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toStrictEqual(result);
  });

  it('changes neither of the two', () => {
    const target = structuredClone(BEFORE);
    const patch = structuredClone(PATCH);
    mergePatch(target, patch);
    expect([target, patch]).toEqual([BEFORE, PATCH]);
  });

  it('takes __proto__ for a name like any other', () => {
    const patch = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown;
    const merged = mergePatch({ a: 1 }, patch) as object;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged)).toEqual(['a', '__proto__', 'constructor']);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses a patch that is nested so deeply that the stack might end', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(mergePatch({}, nested(64))).toEqual(nested(64));
    for (const levels of [65, 1_000_000]) expect(() => mergePatch({}, nested(levels))).toThrow('the patch is nested more than 64 levels deep');
  });

  it('does not look into lists, however deep', () => {
    const list = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(mergePatch({}, { a: list })).toHaveProperty('a');
  });
});
