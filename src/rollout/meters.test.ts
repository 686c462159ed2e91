import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../xds/types.ts';
import { Meters, OTHERS } from './meters.ts';

const names = (meters: Meters) => [...meters.groups()].map(({ group }) => group);

describe('the numbers of groups', () => {
  it('are there from the start for those that are known, and for others from the first time', () => {
    const meters = new Meters(['default']);
    expect(names(meters)).toEqual(['default']);
    meters.group('edge').type(CLUSTER).sent++;
    expect(meters.group('edge').type(CLUSTER).sent).toBe(1);
    expect(names(meters)).toEqual(['default', 'edge']);
  });

  it('are added up for groups beyond a hundred, and for names of an odd length', () => {
    const meters = new Meters(['default']);
    expect(meters.group('x'.repeat(129)).group).toBe(OTHERS);
    for (let i = 0; i < 150; i++) meters.group(`g${i}`).overruns++;
    expect(names(meters)).toHaveLength(101);
    expect(names(meters).at(-1)).toBe(OTHERS);
    expect(meters.group('g149').overruns).toBe(51);
    expect(meters.group('default').overruns).toBe(0);
  });

  it('are added up for types that nobody knows', () => {
    const group = new Meters().group('a');
    for (let i = 0; i < 100; i++) group.type(`type.googleapis.com/made.up.T${i}`).sent++;
    expect([...group.types()].map(([name, { sent }]) => [name, sent])).toEqual([
      ...['cds', 'eds', 'lds', 'rds', 'vhds', 'sds', 'ecds', 'srds', 'rtds'].map((name) => [name, 0]),
      [OTHERS, 100],
    ]);
  });
});

describe('a publication that is complete', () => {
  const publication = { seq: 2, after: 1, revision: 2, acceptedAt: 1000, remaining: 0, completedAt: 5000 };

  it('counts once, by its first and its last answer', () => {
    const meters = new Meters();
    const group = meters.group('a');
    meters.completed(group, [{ ...publication, announcedAt: 1500, firstAnswerAt: 2000, lastAnswerAt: 4000 }]);
    expect([group.firstAnswer, group.lastAnswer, meters.stages.ack].map(({ count, sum }) => [count, sum])).toEqual([
      [1, 1],
      [1, 3],
      [1, 2.5],
    ]);
  });

  it('does not count where nobody had to answer it', () => {
    const meters = new Meters();
    const group = meters.group('a');
    meters.completed(group, [publication, { ...publication, announcedAt: 1500 }]);
    expect(group.lastAnswer.count).toBe(0);
  });
});
