import { describe, expect, it } from 'vitest';
import type { HostPort } from '../lib/address.ts';
import { keyOf, type Stored } from '../model/kinds.ts';
import { CLUSTER, LISTENER } from '../xds/types.ts';
import { resourcesIn } from './content.ts';
import { Preview } from './preview.ts';
import { service, TestDesired, testTranslator } from './testkit.ts';

const LISTENERS: Record<string, HostPort> = { default: { host: '0.0.0.0', port: 80 }, edge: { host: '0.0.0.0', port: 81 } };
const desired = new TestDesired(service('a'), service('b', ['10.0.0.1:80'], ['lab']));
const preview = new Preview({ desired, translator: testTranslator, listeners: LISTENERS });

const changes = (...all: [string, Stored | null][]): Map<string, Stored | null> => new Map(all);
const clusters = (group: string, changed?: Map<string, Stored | null>): string[] => [...preview.store(group, changed).resources(CLUSTER).keys()].toSorted();

describe('a preview', () => {
  it('has what a group would be sent', () => {
    expect(clusters('default')).toEqual(['a']);
    expect(clusters('lab')).toEqual(['a', 'b']);
    expect(resourcesIn([preview.store('lab')]).map(({ name }) => name)).toEqual(['a', 'b', 'a', 'b', 'http', 'http']);
  });

  it('has what it would be sent after some changes, and changes nothing', () => {
    const c = service('c');
    const without = changes([keyOf(service('a')), null], [keyOf(c), c], ['b', service('b')]);
    expect(clusters('default', without)).toEqual(['b', 'c']);
    expect(clusters('default')).toEqual(['a']);
    expect(preview.store('default', without).resources(LISTENER).size).toBe(1);
  });

  it('knows of which groups something is said', () => {
    expect(preview.groups()).toEqual(['default', 'edge', 'lab']);
    expect(preview.groups(changes(['b', null], ['c', service('c', ['10.0.0.1:80'], ['new'])]))).toEqual(['default', 'edge', 'new']);
  });

  it('says so where there would be nothing to listen on', () => {
    const none = new Preview({ desired, translator: testTranslator, listeners: {} });
    expect(() => none.store('lab')).toThrow('there is no listener for group lab, and none for default');
  });
});
