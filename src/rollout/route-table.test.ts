import { describe, expect, it } from 'vitest';
import { ROUTES } from '../xds/types.ts';
import { WholeTable } from './route-table.ts';
import { service, testTranslator } from './testkit.ts';
import { Translations } from './translations.ts';

function serve(table: WholeTable, id: string): void {
  table.set(id, { routes: [], fallback: service(id), resolve: () => undefined });
}

function tableOf(...ids: string[]): WholeTable {
  const table = new WholeTable('http', testTranslator, new Translations(testTranslator));
  for (const id of ids) serve(table, id);
  return table;
}

/** What the one resource of the table holds now; undefined where nothing changed. */
function hosts(table: WholeTable): string | undefined {
  const edits = table.edits();
  expect(edits.length).toBeLessThanOrEqual(1);
  for (const { type, name } of edits) expect([type, name]).toEqual([ROUTES, 'http']);
  return edits[0]?.resource?.any.toString().match(/(?:\w -> \w;)*$/)?.[0];
}

describe('routes in one resource', () => {
  it('are there without any service, and once alone', () => {
    const table = tableOf();
    expect(hosts(table)).toBe('');
    expect(hosts(table)).toBeUndefined();
  });

  it('have one order, whatever the order in which services came', () => {
    expect(hosts(tableOf('b', 'c', 'a'))).toBe('a -> a;b -> b;c -> c;');
    expect(hosts(tableOf('a', 'b', 'c'))).toBe('a -> a;b -> b;c -> c;');
  });

  it('change with what is in them', () => {
    const table = tableOf('a', 'b');
    hosts(table);
    table.delete('a');
    serve(table, 'c');
    expect(hosts(table)).toBe('b -> b;c -> c;');
    table.delete('nobody');
    expect(hosts(table)).toBeUndefined();
  });

  it('are the same resource for every service', () => {
    const table = tableOf('a');
    expect(table.holding()).toEqual([{ type: ROUTES, name: 'http' }]);
  });
});
