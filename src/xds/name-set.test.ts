import { describe, expect, it } from 'vitest';
import { NameSet } from './name-set.ts';

const many = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `svc-${from + i}`);

describe('a set of names', () => {
  it('is a set, whatever was shared on the way', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const lists = [many(300), many(200, 250), many(5, 400), many(150, 900)];
    for (let round = 0; round < 20; round++) {
      const sets = Array.from({ length: 3 }, () => ({ names: new NameSet(), model: new Set<string>() }));
      for (let step = 0; step < 600; step++) {
        const one = sets[random(sets.length)];
        const name = `svc-${random(1200)}`;
        const list = lists[random(lists.length)] ?? [];
        const what = random(100);
        if (what < 60) {
          one?.names.add(name);
          one?.model.add(name);
        } else if (what < 96) {
          expect(one?.names.delete(name)).toBe(one?.model.delete(name));
        } else if (what < 99) {
          one?.names.addAll(list);
          for (const added of list) one?.model.add(added);
        } else {
          one?.names.clear();
          one?.model.clear();
        }
        expect(one?.names.size).toBe(one?.model.size);
        expect(one?.names.has(name)).toBe(one?.model.has(name));
      }
      for (const { names, model } of sets) expect([...names].toSorted()).toEqual([...model].toSorted());
    }
  });

  it('is the same one for all who asked for the same lists, one after the other', () => {
    const [first, second] = [many(500), many(500, 500)];
    const [a, b] = [new NameSet(), new NameSet()];
    for (const names of [a, b]) {
      names.addAll(first);
      names.addAll(second);
    }
    expect(a.size).toBe(1000);
    expect(a.shared).toBeDefined();
    expect(b.shared).toBe(a.shared);
  });

  it('is shared again by those who moved away from it name by name, at different times and in different steps', () => {
    const start = many(2000);
    const [a, b, lone] = [new NameSet(), new NameSet(), new NameSet()];
    for (const names of [a, b, lone]) names.addAll(start);
    for (const name of many(130, 5000)) a.add(name);
    for (const name of many(134, 5000)) b.add(name);
    for (const name of many(200, 8000)) lone.add(name);
    // What b has more than the set that a made is undone, and what is left is that set.
    for (const name of many(134, 5000).slice(129)) b.delete(name);
    for (const name of many(130, 5000).slice(129)) a.delete(name);
    expect(a.shared).toBeDefined();
    expect(b.shared).toBe(a.shared);
    expect(lone.size).toBe(2200);
    expect(lone.has('svc-5000')).toBe(false);
  });

  it('becomes empty as good as new', () => {
    const [names, other] = [new NameSet(), new NameSet()];
    names.addAll(many(3));
    names.clear();
    expect([...names]).toEqual([]);
    expect(names.shared).toBe(other.shared);
  });
});
