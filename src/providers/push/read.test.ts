import { describe, expect, it } from 'vitest';
import { MOST_OBJECTS, readPush, readTtl } from './read.ts';

const json = (value: unknown) => readPush({ format: 'json', text: JSON.stringify(value) });
const yaml = (text: string) => readPush({ format: 'yaml', text });
const a = { kind: 'Service', name: 'a' };

describe('what is pushed', () => {
  it('may be a list, one object, or a map of objects and a time to live, each with its place', () => {
    expect(json([a, a])).toEqual({
      objects: [
        { object: a, origin: '[0]' },
        { object: a, origin: '[1]' },
      ],
      ttl: undefined,
    });
    expect(json(a)).toEqual({ objects: [{ object: a, origin: 'body' }], ttl: undefined });
    expect(json({ objects: [a], ttl: '1m' })).toEqual({ objects: [{ object: a, origin: 'objects[0]' }], ttl: 60 });
    expect(json([])).toEqual({ objects: [], ttl: undefined });
    expect(yaml('kind: Service\nname: a\n---\n- kind: Service\n  name: a\n')).toMatchObject({ objects: [{ origin: 'body:1:1' }, { origin: 'body:4:3' }] });
    expect(yaml('objects:\n  - {kind: Service, name: a}\nttl: 30')).toEqual({ objects: [{ object: a, origin: 'objects[0]' }], ttl: 30 });
    expect(yaml(' [ ] ')).toEqual({ objects: [], ttl: undefined });
    expect(json(Array.from({ length: MOST_OBJECTS }, () => a)).objects).toHaveLength(MOST_OBJECTS);
    expect(() => json(Array.from({ length: MOST_OBJECTS + 1 }, () => a))).toThrow(/at most 10000 objects; these are 10001/);
  });

  it('says where it was said, where a script knows it', () => {
    expect(json([{ object: a, origin: 'web.yaml:1:1' }, { object: a }, { object: a, origin: 5 }]).objects.map(({ origin }) => origin)).toEqual([
      'web.yaml:1:1',
      '[1]',
      '[2]',
    ]);
  });

  it('keeps what is no object for whoever says what is wrong with it', () => {
    expect(json([a, 5, null]).objects.map(({ object }) => object)).toEqual([a, 5, null]);
  });

  it.each([{ objekts: [a] }, { objects: [a], tl: 5 }, { objects: a }, {}, 5, null, 'a'])('is refused as a whole where it is %j', (value) => {
    expect(() => json(value)).toThrow();
  });
});

describe('a time to live', () => {
  it.each([
    ['60s', 60],
    ['60', 60],
    [60, 60],
    ['1h30m', 5400],
    ['1500ms', 2],
  ])('%j is %i seconds', (text, seconds) => expect(readTtl(text)).toBe(seconds));

  it.each(['', 'never', '-5s', '0', 0, Number.NaN, '9000h', null, true])('%j is none', (value) => {
    expect(() => readTtl(value)).toThrow(/^the ttl /);
  });
});
