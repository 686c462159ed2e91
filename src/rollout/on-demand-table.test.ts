import { describe, expect, it } from 'vitest';
import type { Edit } from '../xds/store.ts';
import { ROUTES, shortName, VIRTUAL_HOST } from '../xds/types.ts';
import { OnDemandTable } from './on-demand-table.ts';
import { service, testTranslator } from './testkit.ts';

/** `type name`, and whether it is there or goes. */
function told(edits: readonly Edit[]): string[] {
  return edits.map(({ type, name, resource }) => `${resource === null ? '-' : '+'} ${shortName(type)} ${name}`);
}

function serve(table: OnDemandTable, id: string, host = `${id}.example.com`): void {
  table.set(host, { routes: [], fallback: service(id), resolve: () => undefined });
}

function begun(...ids: string[]): OnDemandTable {
  const table = new OnDemandTable('http', testTranslator, 'ads');
  for (const id of ids) serve(table, id);
  table.edits();
  return table;
}

describe('routes of which hosts are asked for one by one', () => {
  it('are a resource for each host, and a table that never changes', () => {
    const table = new OnDemandTable('http', testTranslator, 'separate');
    serve(table, 'a');
    serve(table, 'b');
    const edits = table.edits();
    expect(told(edits)).toEqual(['+ vhds http/a.example.com', '+ vhds http/b.example.com', '+ rds http']);
    const texts = edits.map(({ resource }) => resource?.any.toString() ?? '');
    expect(texts[0]).toContain('a.example.com -> a;');
    expect(texts[2]).toContain('hosts on demand over separate');
    expect(table.edits()).toEqual([]);
    serve(table, 'c');
    expect(told(table.edits())).toEqual(['+ vhds http/c.example.com']);
  });

  it('are there without any service', () => {
    expect(told(new OnDemandTable('http', testTranslator, 'ads').edits())).toEqual(['+ rds http']);
  });

  it('lose one that is gone, and take what another service makes of it', () => {
    const table = begun('a', 'b');
    table.delete('b.example.com');
    table.delete('nobody.example.com');
    expect(told(table.edits())).toEqual(['- vhds http/b.example.com']);
    serve(table, 'c', 'a.example.com');
    const [edit, ...more] = table.edits();
    expect([edit?.resource?.any.toString().includes('a.example.com -> c;'), more]).toEqual([true, []]);
  });

  it('leave with all that belongs to the table', () => {
    expect(told(begun('a').leave())).toEqual(['- vhds http/a.example.com', '- rds http']);
  });

  it('say which resource holds a host', () => {
    const table = begun('a');
    expect(table.holding('a.example.com')).toEqual([{ type: VIRTUAL_HOST, name: 'http/a.example.com' }]);
    expect(table.holding('b.example.com')).toEqual([]);
    expect(table.holding('a.example.com').some(({ type }) => type === ROUTES)).toBe(false);
  });
});
