import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refused } from '../../tests/support/refusal.ts';
import { type Flags, type LoadedOptions, loadOptions } from './load.ts';
import { printYaml } from './print.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'envoyage-rest-'));
  mkdirSync(join(cwd, 'conf'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function load(flags: Flags, env: Record<string, string> = {}, file?: string): LoadedOptions {
  if (file !== undefined) writeFileSync(join(cwd, 'conf/envoyage.yaml'), file);
  return loadOptions({ flags: file === undefined ? flags : { ...flags, config: 'conf/envoyage.yaml' }, env, cwd, systemFile: 'none' });
}

const faults = (flags: Flags, file?: string): string[] => refused(() => load(flags, {}, file))?.errors.map(({ message }) => message) ?? [];

const FILE = `
file: [services, /abs]
rest:
  - http://a/?k=v
  - b=https://b
  - {name: c, url: "https://c", interval: 5, max-shrink: 1, token-file: c.token, host: "{name}.c.example.com"}
rest-ca: ca.pem
`;

it('takes URLs, names with URLs, and maps that say more, with paths from where they are said', () => {
  const c = { name: 'c', url: 'https://c', interval: 5, 'max-shrink': 1, 'token-file': join(cwd, 'conf/c.token'), host: '{name}.c.example.com' };
  const { options } = load({}, {}, FILE);
  expect(options.rest).toEqual([{ url: 'http://a/?k=v' }, { name: 'b', url: 'https://b' }, c]);
  expect([options.files, options.restCa]).toEqual([[join(cwd, 'conf/services'), '/abs'], join(cwd, 'conf/ca.pem')]);
  expect(load({ rest: ['http://a', 'b=http://b'], file: ['x'] }).options).toMatchObject({
    rest: [{ url: 'http://a' }, { name: 'b', url: 'http://b' }],
    files: [join(cwd, 'x')],
  });
  expect(load({}, { ENVOYAGE_REST: 'http://a, b=http://b', ENVOYAGE_FILE: '/x,/y' }).options).toMatchObject({
    rest: [{ url: 'http://a' }, { name: 'b' }],
    files: ['/x', '/y'],
  });
  expect(load({}, {}, 'rest: {url: "http://a", timeout: 3}').options.rest).toEqual([{ url: 'http://a', timeout: 3 }]);
  expect(load({}, {}, 'rest: http://a').options.rest).toEqual([{ url: 'http://a' }]);
});

it('is printed as a file that says the same', () => {
  const loaded = load({}, {}, FILE);
  const printed = printYaml(loaded);
  expect(printed).toMatch(/^ {2}- b=https:\/\/b +# conf\/envoyage\.yaml:5:5$/m);
  writeFileSync(join(cwd, 'printed.yaml'), printed);
  expect(loadOptions({ flags: { config: 'printed.yaml' }, env: {}, cwd, systemFile: 'none' }).options).toEqual(loaded.options);
});

it.each<[string, string[], string]>([
  ['no URL', ['inventory'], '--rest "inventory" must be an http or https URL, as in https://inventory.example.com/services'],
  ['another scheme', ['ftp://a'], '--rest "ftp://a" must be an http or https URL, as in https://inventory.example.com/services'],
  ['a name that is none', ['A b=http://a'], '--rest "A b=http://a" is no name: lower-case letters, digits and hyphens'],
  ['two without a name', ['http://a', 'http://b'], '--rest "http://b" is a second URL without a name: write NAME=URL'],
  ['two with one name', ['a=http://a', 'a=http://b'], '--rest "a=http://b" is a second one called "a"'],
])('refuses %s', (_, rest, message) => {
  expect(faults({ rest })).toEqual([message]);
});

it('does not repeat a password, and says where in the file something is wrong', () => {
  expect(faults({ rest: ['http://ann:s3cret@a/'] }).join()).not.toContain('s3cret');
  expect(faults({}, 'rest:\n  - {url: "http://a", intervall: 5}\n')).toEqual([
    expect.stringMatching(/^conf\/envoyage\.yaml:2:5: rest\[0\] has "intervall", which nobody knows/),
  ]);
  expect(faults({}, 'rest:\n  - {url: "http://a", interval: 0}\n')).toEqual([
    expect.stringMatching(/^conf\/envoyage\.yaml:2:5: rest\[0\]\.interval must be a whole number of seconds from 1 to 86400$/),
  ]);
  expect(faults({ 'rest-host': 'x.example.com' })).toEqual(['--rest-host "x.example.com" lacks {name}, as in {name}.example.com']);
  expect(faults({ 'rest-host': '{name}/x' })).toEqual([expect.stringMatching(/^--rest-host "\{name\}\/x" makes a host that has a path/)]);
});
