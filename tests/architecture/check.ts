import { posix } from 'node:path';
import { FILES, IMPURE, ONLY, PACKAGES, PURE_BUILTINS, PURE_ROOMS, ROOMS } from './rules.ts';
import { importsOf, UNREADABLE, withoutComments } from './scan.ts';

/** Tests and their helpers (`x.test.ts`, `x.fixture.ts`, `testkit.ts`, …) may import anything; nothing else may import them. */
const TEST_FILE = /(?:^|[./])(?:test|fixture|testkit)(?:\.[a-z]+)?\.ts$/;

/** What is wrong with the imports of the program whose files are given by their path under src/, one line a fault, sorted. */
export function findFaults(files: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, text] of files) {
    if (TEST_FILE.test(file)) continue;
    const targets: string[] = [];
    for (const { specifier, line } of importsOf(text)) {
      const fault = specifier.startsWith('.') ? localFault(file, specifier, files, targets) : outsideFault(file, specifier);
      if (fault !== undefined) faults.push(`src/${file}:${line}: ${fault}`);
    }
    graph.set(file, targets);
    faults.push(...contentFaults(file, text));
  }
  faults.push(...cycles(graph).map((path) => `a cycle: ${path.map((file) => `src/${file}`).join(' → ')}`));
  return faults.sort();
}

const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file);

function localFault(file: string, specifier: string, files: ReadonlyMap<string, string>, targets: string[]): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (target === '../package.json') return undefined;
  if (target.startsWith('..')) return `imports ${specifier}, which lies outside of src`;
  if (!files.has(target)) return `imports ${specifier}, which does not exist`;
  targets.push(target);
  if (TEST_FILE.test(target)) return `imports src/${target}, which is there for tests`;
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to) return undefined;
  if (ROOMS[from] === undefined && FILES[file] === undefined) return `stands in no room that tests/architecture/rules.ts knows`;
  const allowed = [...(ROOMS[from] ?? []), ...(FILES[file] ?? [])];
  return allowed.some((entry) => target === entry || target.startsWith(`${entry}/`)) ? undefined : `${from} may not import src/${target}`;
}

function outsideFault(file: string, specifier: string): string | undefined {
  if (specifier === UNREADABLE) return 'has an import() whose target is not a literal, so nothing can check it';
  const room = roomOf(file);
  if (specifier.startsWith('node:')) return PURE_ROOMS.has(room) && !PURE_BUILTINS.has(specifier) ? `${room} is pure and may not use ${specifier}` : undefined;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return PACKAGES[name]?.includes(room) === true ? undefined : `${room} may not import the package ${name}`;
}

function contentFaults(file: string, text: string): string[] {
  const faults: string[] = [];
  for (const [index, line] of withoutComments(text).split('\n').entries()) {
    for (const { what, pattern, file: home } of ONLY) {
      if (file !== home && file !== 'build.ts' && pattern.test(line)) faults.push(`src/${file}:${index + 1}: only src/${home} may use ${what}`);
    }
    const impure = PURE_ROOMS.has(roomOf(file)) ? IMPURE.exec(line) : null;
    if (impure !== null) faults.push(`src/${file}:${index + 1}: ${roomOf(file)} is pure and may not use ${impure[0]}`);
  }
  return faults;
}

/** Each cycle once, from its alphabetically first file and back to it. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const cycle = path.slice(at);
      const first = cycle.indexOf(cycle.toSorted()[0] ?? file);
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      found.set(turned.join(' '), [...turned, turned[0] ?? file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return [...found.values()];
}
