import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFaults } from './check.ts';
import { FILES, PACKAGES, ROOMS } from './rules.ts';
import { importsOf, UNREADABLE, withoutComments } from './scan.ts';

const ROOT = resolve(import.meta.dirname, '../..');

function sources(): Map<string, string> {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(ROOT, 'src', name), 'utf8')]));
}

const faultsOf = (files: Record<string, string>): string[] => findFaults(new Map(Object.entries(files)));

describe('the imports of src', () => {
  it('keep to the rooms', () => {
    expect(findFaults(sources())).toEqual([]);
  });

  it('are seen, so that the rule above is not true of nothing', () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(20);
    expect([...files.values()].reduce((sum, text) => sum + importsOf(text).length, 0)).toBeGreaterThan(files.size);
    expect(importsOf(files.get('proto/envoy-api.ts') ?? '').map(({ specifier }) => specifier)).toContain('../lib/assets.ts');
  });

  it('are ruled by entries that mean something', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(Object.keys({ ...manifest.dependencies, esbuild: '' }).toSorted()).toEqual(Object.keys(PACKAGES).toSorted());
    const files = sources();
    for (const file of Object.keys(FILES)) expect(files.has(file), `rules.ts names src/${file}`).toBe(true);
    for (const name of files.keys()) if (name.includes('/')) expect(Object.keys(ROOMS), `the room of src/${name}`).toContain(name.split('/')[0]);
  });
});

describe('a planted violation is found', () => {
  const lib = { 'lib/a.ts': 'export const a = 1;' };
  const cases: [string, Record<string, string>, string][] = [
    ['an upward import', { 'lib/x.ts': "import { m } from '../model/m.ts';", 'model/m.ts': '' }, 'src/lib/x.ts:1: lib may not import src/model/m.ts'],
    [
      'an import of a type',
      { ...lib, 'xds/x.ts': "\nimport type { R } from '../model/m.ts';", 'model/m.ts': '' },
      'src/xds/x.ts:2: xds may not import src/model/m.ts',
    ],
    [
      'an import over several lines',
      { 'xds/x.ts': "import {\n  type R,\n  s,\n} from '../model/m.ts';", 'model/m.ts': '' },
      'src/xds/x.ts:4: xds may not import src/model/m.ts',
    ],
    ['a re-export', { 'xds/x.ts': "export * from '../model/m.ts';", 'model/m.ts': '' }, 'src/xds/x.ts:1: xds may not import src/model/m.ts'],
    ['an import for its effects', { 'xds/x.ts': "import '../model/m.ts';", 'model/m.ts': '' }, 'src/xds/x.ts:1: xds may not import src/model/m.ts'],
    ['a lazy import', { 'cli/x.ts': "const d = await import('../daemon/d.ts');", 'daemon/d.ts': '' }, 'src/cli/x.ts:1: cli may not import src/daemon/d.ts'],
    ['a lazy type', { 'cli/x.ts': "type D = import('../daemon/d.ts').D;", 'daemon/d.ts': '' }, 'src/cli/x.ts:1: cli may not import src/daemon/d.ts'],
    [
      'an import that nobody can read',
      { 'cli/x.ts': 'await import(name);' },
      'src/cli/x.ts:1: has an import() whose target is not a literal, so nothing can check it',
    ],
    [
      'more of a room than the part that is open',
      { 'cli/x.ts': "import { s } from '../api/server.ts';", 'api/server.ts': '' },
      'src/cli/x.ts:1: cli may not import src/api/server.ts',
    ],
    [
      'a test helper in the program',
      { 'xds/x.ts': "import './x.fixture.ts';", 'xds/x.fixture.ts': '' },
      'src/xds/x.ts:1: imports src/xds/x.fixture.ts, which is there for tests',
    ],
    ['a file that is not there', { 'xds/x.ts': "import './y.ts';" }, 'src/xds/x.ts:1: imports ./y.ts, which does not exist'],
    ['a way out of src', { 'xds/x.ts': "import '../../tests/y.ts';" }, 'src/xds/x.ts:1: imports ../../tests/y.ts, which lies outside of src'],
    [
      'an unknown room',
      { ...lib, 'attic/x.ts': "import { a } from '../lib/a.ts';" },
      'src/attic/x.ts:1: stands in no room that tests/architecture/rules.ts knows',
    ],
    ['a package in a foreign room', { 'model/x.ts': "import fastify from 'fastify';" }, 'src/model/x.ts:1: model may not import the package fastify'],
    ['a part of a scoped package', { 'model/x.ts': "import x from '@grpc/grpc-js/x.js';" }, 'src/model/x.ts:1: model may not import the package @grpc/grpc-js'],
    [
      'I/O in a pure room',
      { 'translator/x.ts': "import { readFileSync } from 'node:fs';" },
      'src/translator/x.ts:1: translator is pure and may not use node:fs',
    ],
    ['a clock in a pure room', { 'model/x.ts': '\nconst t = Date.now();' }, 'src/model/x.ts:2: model is pure and may not use Date.now'],
    ['process.exit', { 'cli/x.ts': 'process.exit(1);' }, 'src/cli/x.ts:1: only src/main.ts may use process.exit'],
    ['import.meta', { 'cli/x.ts': 'const d = import.meta.dirname;' }, 'src/cli/x.ts:1: only src/lib/assets.ts may use import.meta'],
    ['node:sea', { 'cli/x.ts': "import { isSea } from 'node:sea';" }, 'src/cli/x.ts:1: only src/lib/assets.ts may use node:sea'],
    ['a cycle of two', { 'lib/x.ts': "import './y.ts';", 'lib/y.ts': "import './x.ts';" }, 'a cycle: src/lib/x.ts → src/lib/y.ts → src/lib/x.ts'],
    ['a cycle of one', { 'lib/x.ts': "import './x.ts';" }, 'a cycle: src/lib/x.ts → src/lib/x.ts'],
    [
      'a cycle of three, one of them a type',
      { 'lib/c.ts': "import './a.ts';", 'lib/a.ts': "import type { B } from './b.ts';", 'lib/b.ts': "import './c.ts';" },
      'a cycle: src/lib/a.ts → src/lib/b.ts → src/lib/c.ts → src/lib/a.ts',
    ],
  ];
  it.each(cases)('%s', (_, files, fault) => {
    expect(faultsOf(files)).toEqual([fault]);
  });
});

describe('what is allowed', () => {
  it.each<[string, Record<string, string>]>([
    ['a room below', { 'model/m.ts': "import { a } from '../lib/a.ts';", 'lib/a.ts': '' }],
    ["the API's types in the CLI", { 'cli/x.ts': "import type { T } from '../api/types.ts';", 'api/types.ts': '' }],
    ['the daemon, for the command that runs it', { 'cli/serve-run.ts': "await import('../daemon/d.ts');", 'daemon/d.ts': '' }],
    ['process.exit in main', { 'main.ts': 'process.exit(1);' }],
    ['the version', { 'lib/version.ts': "import manifest from '../../package.json' with { type: 'json' };" }],
    ['anything in a test', { 'lib/a.test.ts': "import '../daemon/d.ts'; process.exit(import.meta.x);", 'daemon/d.ts': '' }],
    ['a comment', { 'lib/x.ts': "// import '../model/m.ts';\n/* process.exit(1)\n import '../model/m.ts'; */", 'model/m.ts': '' }],
    ['two ways to one file', { 'lib/a.ts': "import './b.ts'; import './c.ts';", 'lib/b.ts': "import './c.ts';", 'lib/c.ts': '' }],
  ])('%s', (_, files) => {
    expect(faultsOf(files)).toEqual([]);
  });
});

describe('the scanner', () => {
  it('blanks comments out, not what looks like one in a string or a regular expression', () => {
    expect(withoutComments("const a = 'http://x'; // no\nconst b = /'\\/\\/[/'\"]/; /* no */ const c = `//`;")).toBe(
      "const a = 'http://x';      \nconst b = /'\\/\\/[/'\"]/;          const c = `//`;",
    );
  });

  it('lists imports with their lines', () => {
    expect(importsOf("import a from 'a';\nexport { b } from \"b\";\nconst c = import(\n  'c'\n);\nimport(d);")).toEqual([
      { specifier: 'a', line: 1 },
      { specifier: 'b', line: 2 },
      { specifier: 'c', line: 3 },
      { specifier: UNREADABLE, line: 6 },
    ]);
  });
});
