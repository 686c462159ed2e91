import { describe, expect, it } from 'vitest';
import { SortedParts } from './sorted-parts.ts';

function values(parts: SortedParts): string {
  return Buffer.concat([...parts.values()]).toString();
}

describe('parts', () => {
  it('come in the order of their keys, whatever the order of events', () => {
    const keys = ['b', 'a', 'ü', 'Z', 'aa', 'c', '10', '9'];
    const expected = keys.toSorted().join('');
    for (let turn = 0; turn < keys.length; turn++) {
      const parts = new SortedParts();
      for (const key of [...keys.slice(turn), 'gone', ...keys.slice(0, turn)]) parts.set(key, Buffer.from(key));
      if (turn % 2 === 0) values(parts);
      parts.delete('gone');
      expect(values(parts)).toBe(expected);
    }
  });

  it('stay in order through many single changes', () => {
    const parts = new SortedParts();
    const model = new Map<string, string>();
    for (let i = 0; i < 2000; i++) {
      const key = String((i * 7919) % 211);
      if (i % 3 === 2) {
        parts.delete(key);
        model.delete(key);
      } else {
        parts.set(key, Buffer.from(`${key}:${i};`));
        model.set(key, `${key}:${i};`);
      }
      if (i % 50 === 0)
        expect(values(parts)).toBe(
          [...model.keys()]
            .toSorted()
            .map((each) => model.get(each))
            .join(''),
        );
    }
  });

  it('count changes of content, and nothing else', () => {
    const parts = new SortedParts();
    parts.set('a', Buffer.from('1'));
    parts.set('a', Buffer.from('1'));
    parts.delete('b');
    expect(parts.changes).toBe(1);
    parts.set('a', Buffer.from('2'));
    parts.delete('a');
    expect(parts.changes).toBe(3);
    expect(values(parts)).toBe('');
  });
});
