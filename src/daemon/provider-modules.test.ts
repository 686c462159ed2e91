import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { loadProviderModule } from './provider-modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'envoyage-module-'));
afterAll(() => rmSync(folder, { recursive: true }));

function refusal(name: string, text?: string): string {
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  try {
    loadProviderModule(file);
    return 'loaded';
  } catch (thrown) {
    return EnvoyageError.from(thrown).message.replace(`the provider module ${file} `, '');
  }
}

it('says in one line why a module is none', () => {
  expect(refusal('gone.cjs')).toBe('does not exist');
  expect(refusal('needs.cjs', "require('not-there');")).toBe("could not be loaded: Cannot find module 'not-there'");
  expect(refusal('nothing.cjs', '')).toBe('could not be loaded: it has no default export that is a function');
  expect(refusal('other.cjs', 'module.exports = () => ({});')).toBe('does not return a provider: it needs name, source, start, resync and stop');
});
