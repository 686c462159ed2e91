import { describe, expect, it } from 'vitest';
import type { Edit } from '../xds/store.ts';
import { ROUTES, shortName, VIRTUAL_HOST } from '../xds/types.ts';
import { OnDemandTable } from './on-demand-table.ts';
import { service, testTranslator } from './testkit.ts';

/** `type name`, and whether it is there or goes. */
function told(edits: readonly Edit[]): string[] {
  return edits.map(({ type, name, resource }) => `${resource === null ? '-' : '+'} ${shortName(type)} ${name}`);
}

function begun(...ids: string[]): OnDemandTable {
  const table = new OnDemandTable(testTranslator, 'ads');
  for (const id of ids) table.set(service(id));
  table.edits();
  return table;
}

describe('routes of which hosts are asked for one by one', () => {
  it('are a resource for each host, and a table that never changes', () => {
    const table = new OnDemandTable(testTranslator, 'separate');
    table.set(service('a'));
    table.set(service('b'));
    const edits = table.edits();
    expect(told(edits)).toEqual(['+ vhds http/a.example.com', '+ vhds http/b.example.com', '+ rds http']);
    const texts = edits.map(({ resource }) => resource?.any.toString() ?? '');
    expect(texts[0]).toContain('a.example.com -> a;');
    expect(texts[2]).toContain('hosts on demand over separate');
    expect(table.edits()).toEqual([]);
    table.set(service('c'));
    expect(told(table.edits())).toEqual(['+ vhds http/c.example.com']);
  });

  it('are there without any service', () => {
    expect(told(new OnDemandTable(testTranslator, 'ads').edits())).toEqual(['+ rds http']);
  });

  it('follow a service to another host, and lose one that is gone', () => {
    const table = begun('a', 'b');
    table.set({ ...service('a'), host: 'other.example.com' });
    expect(told(table.edits())).toEqual(['- vhds http/a.example.com', '+ vhds http/other.example.com']);
    table.delete('b');
    table.delete('nobody');
    expect(told(table.edits())).toEqual(['- vhds http/b.example.com']);
  });

  it('keep a host that passes from one service to another, in whatever order the changes come', () => {
    const heir = { ...service('b'), host: 'a.example.com' };
    for (const order of ['set first', 'delete first']) {
      const table = begun('a');
      if (order === 'set first') table.set(heir);
      table.delete('a');
      if (order === 'delete first') table.set(heir);
      const edits = table.edits();
      expect([order, told(edits)]).toEqual([order, ['- vhds http/a.example.com', '+ vhds http/a.example.com']]);
      expect(edits.at(-1)?.resource?.any.toString()).toContain('a.example.com -> b;');
    }
  });

  it('say which resource holds the host of a service', () => {
    const table = begun('a');
    expect(table.holding('a')).toEqual([{ type: VIRTUAL_HOST, name: 'http/a.example.com' }]);
    expect(table.holding('b')).toEqual([]);
    expect(table.holding('a').some(({ type }) => type === ROUTES)).toBe(false);
  });
});
