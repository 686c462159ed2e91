import { readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { loadProviderModule } from '../../src/daemon/provider-modules.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { tempDir } from '../support/program.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

const MODULE = resolve(import.meta.dirname, '../../examples/own-provider/sql-provider.mjs');

function write(file: string, rows: readonly (readonly [name: string, host: string | null, endpoint: string])[]): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('CREATE TABLE IF NOT EXISTS services (name TEXT, host TEXT, endpoint TEXT); BEGIN; DELETE FROM services');
    const insert = db.prepare('INSERT INTO services VALUES (?, ?, ?)');
    for (const row of rows) insert.run(...row);
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

/** The example of docs/providers.md, over a database that another process could write. */
async function table(): Promise<Harness> {
  const { default: sqlProvider } = (await import(MODULE)) as { default: (file: string, interval: number) => Provider };
  const folder = tempDir();
  const file = join(folder.path, 'services.db');
  let place = file;
  const rows = (services: Services): [string, string | null, string][] =>
    Object.entries(services).flatMap(([name, endpoints]) => endpoints.map((each): [string, string, string] => [name, `${name}.example.com`, each]));
  write(file, []);
  const moved = (to: string): void => {
    renameSync(place, to);
    place = to;
  };
  return {
    provider: sqlProvider(file, 150),
    set: (services) => write(place, rows(services)),
    setWithGarbage: (services) => write(place, [...rows(services), ['wrong', null, 'http://no.endpoint']]),
    away: () => moved(`${file}.away`),
    back: () => moved(file),
    close: () => folder.remove(),
  };
}

describeProvider('of a SQL table', table);

it('is less than sixty lines, and what the daemon takes', () => {
  expect(readFileSync(MODULE, 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
  expect(loadProviderModule(MODULE)).toMatchObject({ name: 'sql', source: 'services.db' });
});
