import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { openHints } from '../../src/providers/file/hints.ts';
import { FileProvider } from '../../src/providers/file/provider.ts';
import { readText } from '../../src/providers/file/read.ts';
import { RecordingSink } from '../support/sink.ts';
import { waitFor } from '../support/wait.ts';

let folder: string;
let provider: FileProvider;
let sink: RecordingSink;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'envoyage-file-')));
});
afterEach(async () => {
  await provider.stop();
  rmSync(folder, { recursive: true });
});

const service = (name: string, host = `${name}.example.com`): string => `kind: Service\nname: ${name}\nhost: ${host}\nendpoints: [10.0.0.1:80]\n`;
const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(at(name), text);

/** @param pollSeconds so long that a test that passes has heard of the change, unless it is about looking */
function start(paths: readonly string[] = [folder], pollSeconds = 3600): void {
  sink = new RecordingSink();
  provider = new FileProvider({ paths, pollSeconds });
  provider.start(sink);
}

const first = (): Promise<unknown> => waitFor('the first state', () => sink.states.length > 0);
const until = (what: string, holds: () => boolean): Promise<unknown> => waitFor(what, holds);
/** After it has begun to watch a folder it looks there once more: what comes now it has to be told. */
const beyondSecondLook = (): Promise<void> => delay(1000);
const has = (...keys: string[]): Promise<unknown> => until(`the objects ${keys}`, () => sink.keys.join() === keys.join());
const hosts = (...names: string[]): Promise<unknown> => until(`the hosts ${names}`, () => sink.hosts.join() === names.join());

describe('what is read', () => {
  it('is every document of the folder and below, with its place, and no file of an editor', async () => {
    write('b.yaml', `# two\n${service('b')}---\n${service('c')}`);
    mkdirSync(at('more'));
    write('more/a.json', JSON.stringify([{ host: 'j.example.com', endpoints: ['10.0.0.1:80'] }]));
    mkdirSync(at('.git'));
    for (const name of ['.#b.yaml', '.b.yaml.swp', 'b.yaml~', '4913', 'notes.txt', '.git/x.yaml']) write(name, service('x'));
    start();
    await first();
    expect(sink.objects).toEqual({ b: `${at('b.yaml')}:2:1`, c: `${at('b.yaml')}:7:1`, 'j.example.com': `${at('more/a.json')}:1:2` });
    expect(sink.problems).toEqual([]);
    expect(sink.health).toEqual({ state: 'ok' });
    const [b] = sink.states[0]?.objects ?? [];
    expect(b?.placeOf?.('/endpoints/0')).toBe(`${at('b.yaml')}:5:13`);
  });

  it('comes from files that are named as well, whatever they are called, and from several paths', async () => {
    write('services', service('s'));
    mkdirSync(at('d'));
    write('d/a.yaml', service('a'));
    start([at('services'), at('d')]);
    await first();
    expect(sink.keys).toEqual(['a', 's']);
    write('services', service('t'));
    await has('a', 't');
    expect(provider.source).toBe(`${at('services')}, ${at('d')}`);
  });

  it('is never a pipe, and a link in a circle or to nothing holds nothing up', async () => {
    execFileSync('mkfifo', [at('pipe.yaml')]);
    symlinkSync('loop.yaml', at('loop.yaml'));
    symlinkSync('.', at('again'));
    symlinkSync('nowhere', at('lost.yaml'));
    write('a.yaml', service('a'));
    start();
    await first();
    expect(sink.keys).toEqual(['a']);
    expect(sink.problems.toSorted()).toEqual([
      `${at('loop.yaml')}: ${at('loop.yaml')} is a link that leads in a circle`,
      `${at('lost.yaml')}: ${at('lost.yaml')} is a link that leads to nothing`,
      `${at('pipe.yaml')}: ${at('pipe.yaml')} is no plain file`,
    ]);
    expect(sink.health?.state).toBe('degraded');
    expect(await readText(at('pipe.yaml'))).toMatchObject({ state: 'fault', why: 'is no plain file' });
  });
});

describe('a change', () => {
  it('is a file that is written, renamed into place, made, deleted, or made anew', async () => {
    write('a.yaml', service('a'));
    start();
    await first();
    write('a.yaml', service('a', 'new.example.com'));
    await hosts('new.example.com');
    write('.a.tmp', service('a', 'renamed.example.com'));
    renameSync(at('.a.tmp'), at('a.yaml'));
    await hosts('renamed.example.com');
    write('b.yaml', service('b'));
    await has('a', 'b');
    rmSync(at('b.yaml'));
    await has('a');
    mkdirSync(at('deep'));
    write('deep/c.yaml', service('c'));
    await has('a', 'c');
    write('deep/c.yaml', service('d'));
    await has('a', 'd');
    renameSync(at('deep/c.yaml'), at('deep/c.off'));
    await has('a');
  });

  it('is a swap of links, as the files of config maps are replaced', async () => {
    const put = (version: string, text: string): void => {
      mkdirSync(at(`..${version}/sub`), { recursive: true });
      write(`..${version}/a.yaml`, text);
      write(`..${version}/sub/b.yaml`, text.replace(/name: \w+/, 'name: sub').replace(/host: /, 'host: sub.'));
      symlinkSync(`..${version}`, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    put('1', service('a', 'one.example.com'));
    symlinkSync('..data/a.yaml', at('a.yaml'));
    symlinkSync('..data/sub', at('sub'));
    start();
    await first();
    expect(sink.hosts).toEqual(['one.example.com', 'sub.one.example.com']);
    expect(sink.objects).toEqual({ a: `${at('a.yaml')}:1:1`, sub: `${at('sub/b.yaml')}:1:1` });
    for (const round of [2, 3]) {
      await beyondSecondLook();
      put(String(round), service('a', `round${round}.example.com`));
      await hosts(`round${round}.example.com`, `sub.round${round}.example.com`);
      rmSync(at(`..${round - 1}`), { recursive: true });
    }
    expect(sink.states.every(({ objects }) => objects.length === 2)).toBe(true);
  });

  it('is a swap of the folder itself, and a change of what a link leads to', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(at(version));
      write(`${version}/a.yaml`, service('a', `${version}.example.com`));
    }
    symlinkSync('v1', at('current'));
    mkdirSync(at('far'));
    write('far/elsewhere', service('b'));
    symlinkSync(at('far/elsewhere'), at('v2/b.yaml'));
    start([at('current')]);
    await first();
    expect(sink.hosts).toEqual(['v1.example.com']);
    await beyondSecondLook();
    symlinkSync('v2', at('next'));
    renameSync(at('next'), at('current'));
    await hosts('v2.example.com', 'b.example.com');
    await beyondSecondLook();
    write('far/elsewhere', service('b', 'moved.example.com'));
    await hosts('v2.example.com', 'moved.example.com');
    write('far/third', service('c'));
    await beyondSecondLook();
    symlinkSync('../far/third', at('v2/c.yaml'));
    await hosts('v2.example.com', 'moved.example.com', 'c.example.com');
    await beyondSecondLook();
    write('far/third', service('c', 'again.example.com'));
    await hosts('v2.example.com', 'moved.example.com', 'again.example.com');
  });

  it('is read from that file alone', async () => {
    for (let i = 0; i < 20; i++) write(`f${i}.yaml`, service(`s${i}`));
    start();
    await first();
    const before = new Set(sink.states.at(-1)?.objects);
    write('f7.yaml', service('s7', 'new.example.com'));
    await until('the change', () => sink.hosts.includes('new.example.com'));
    expect((sink.states.at(-1)?.objects ?? []).filter((each) => !before.has(each)).map(({ origin }) => origin)).toEqual([`${at('f7.yaml')}:1:1`]);
  });
});

describe('what is broken', () => {
  it('takes nothing away: a file that is emptied, half written, or no text keeps what it said', async () => {
    write('a.yaml', `${service('a')}---\n${service('b')}`);
    write('z.yaml', service('z'));
    start();
    await first();
    truncateSync(at('a.yaml'), 0);
    await until('the empty file', () => sink.problems.some((each) => each.includes('the file is empty')));
    expect(sink.keys).toEqual(['a', 'b', 'z']);
    appendFileSync(at('a.yaml'), `${service('a', 'new.example.com')}---\nkind: Serv`);
    await until('the half file', () => sink.hosts.includes('new.example.com'));
    expect(sink.hosts).toEqual(['new.example.com', 'b.example.com', 'z.example.com']);
    expect(sink.problems[0]).toMatch(/a\.yaml:6:7: kind: there is no kind "Serv"/);
    writeFileSync(at('a.yaml'), Buffer.from([0x61, 0x0a, 0xff, 0xfe]));
    await until('what is no text', () => sink.problems.some((each) => each.includes('a.yaml:2:1: ')));
    expect(sink.problems).toEqual([`${at('a.yaml')}:2:1: ${at('a.yaml')} is not text in UTF-8`]);
    expect(sink.hosts).toEqual(['new.example.com', 'b.example.com', 'z.example.com']);
    write('a.yaml', '# none any more\n');
    await has('z');
    expect(sink.problems).toEqual([]);
  });

  it('is told with file, line and column, while everything else stays and changes', async () => {
    write('a.yaml', `${service('a')}---\n${service('b')}`);
    start();
    await first();
    write('a.yaml', `${service('a', 'new.example.com')}---\n${service('b').replace('endpoints: [10.0.0.1:80]', 'endpionts: [10.0.0.1:80]')}`);
    await hosts('new.example.com', 'b.example.com');
    expect(sink.problems).toContain(`${at('a.yaml')}:9:1: endpionts: unknown field "endpionts" (did you mean "endpoints"?)`);
    expect(sink.states.at(-1)?.keeps?.(`${at('a.yaml')}:6:1`)).toBe(true);
    expect(sink.states.at(-1)?.keeps?.(`${at('a.yaml.old')}:6:1`)).toBe(false);
    write('a.yaml', service('a', 'new.example.com'));
    await has('a');
    expect(sink.states.at(-1)?.keeps).toBeUndefined();
  });

  it('is an object in two files: the first by path has it, and both places are named', async () => {
    write('b.yaml', service('web', 'b.example.com'));
    start();
    await first();
    write('a.yaml', `# first\n${service('web', 'a.example.com')}`);
    await hosts('a.example.com');
    expect(sink.problems).toEqual([`${at('b.yaml')}:1:1: it is declared twice, at ${at('a.yaml')}:2:1 too: the first counts`]);
    rmSync(at('a.yaml'));
    await hosts('b.example.com');
    expect(sink.problems).toEqual([]);
  });

  it('is a file that is too large', async () => {
    write('a.yaml', service('a'));
    start();
    await first();
    truncateSync(at('a.yaml'), 5 * 1024 * 1024);
    await until('the size', () => sink.problems.some((each) => each.includes('is larger than 4194304 bytes')));
    expect(sink.keys).toEqual(['a']);
  });
});

describe('what cannot be looked into', () => {
  it('is waited for where it is not there at first, without a state', async () => {
    start([at('later')]);
    await until('the health', () => sink.health?.state === 'down');
    expect(sink.states).toEqual([]);
    expect(sink.health?.message).toBe(`${at('later')} does not exist`);
    mkdirSync(at('later'));
    write('later/a.yaml', service('a'));
    await has('a');
    await until('the health', () => sink.health?.state === 'ok');
  });

  it('keeps what it said when the folder goes, until it is back', async () => {
    mkdirSync(at('d'));
    write('d/a.yaml', service('a'));
    write('other.yaml', service('o'));
    start([at('d'), at('other.yaml')]);
    await first();
    rmSync(at('d'), { recursive: true });
    await until('the health', () => sink.health?.state === 'degraded');
    expect(sink.health?.parts).toEqual([
      { name: at('d'), state: 'down', message: 'does not exist' },
      { name: at('other.yaml'), state: 'ok' },
    ]);
    expect(sink.keys).toEqual(['a', 'o']);
    expect(sink.states.at(-1)?.keeps?.(`${at('d/a.yaml')}:1:1`)).toBe(true);
    mkdirSync(at('d'));
    write('d/b.yaml', service('b'));
    await has('b', 'o');
  });

  it('keeps what a file said that was named and is gone', async () => {
    write('named', service('a'));
    start([at('named')]);
    await first();
    rmSync(at('named'));
    await until('the health', () => sink.health?.state === 'down');
    expect(sink.keys).toEqual(['a']);
    write('named', service('b'));
    await has('b');
    await until('the health', () => sink.health?.state === 'ok');
  });

  it('keeps what it said while permission lacks', async () => {
    mkdirSync(at('d'));
    write('d/a.yaml', service('a'));
    write('b.yaml', service('b'));
    await asNobody(async () => {
      start();
      await first();
      chmodSync(at('b.yaml'), 0);
      chmodSync(at('d'), 0);
      await until('the problems', () => sink.problems.length === 2);
      expect(sink.problems.toSorted()).toEqual([
        `${at('b.yaml')}: ${at('b.yaml')} cannot be read: permission denied`,
        `${at('d')}: ${at('d')} cannot be read: permission denied`,
      ]);
      expect(sink.keys).toEqual(['b', 'a']);
      chmodSync(at('d'), 0o700);
      chmodSync(at('b.yaml'), 0o600);
      await until('no problem', () => sink.problems.length === 0);
      expect(sink.keys).toEqual(['b', 'a']);
      await provider.stop();
    });
  });
});

/** Does the work as somebody whom permissions concern, since root may read everything. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  execFileSync('chown', ['-R', '65534', folder]);
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

it('looks at everything from time to time, though it is told nothing', async () => {
  write('a.yaml', service('a'));
  sink = new RecordingSink();
  const limit = new Error('ENOSPC: System limit for number of file watchers reached');
  const hints: typeof openHints = (_, onError) => ({ follow: () => onError(limit) === null, close: async () => undefined });
  provider = new FileProvider({ paths: [folder], pollSeconds: 1, hints });
  provider.start(sink);
  await first();
  write('a.yaml', service('b'));
  await has('b');
  expect(sink.states.at(-1)?.problems?.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    `unwatched: the system does not tell of changes (${limit.message}), so they are noticed within 1 s`,
  ]);
});

it('reads everything anew when asked, and says nothing once it has stopped', async () => {
  write('a.yaml', service('a'));
  start();
  await first();
  const { length } = sink.states;
  provider.resync();
  await until('another state', () => sink.states.length > length);
  await provider.stop();
  await provider.stop();
  const told = sink.states.length + sink.healths.length;
  write('a.yaml', service('b'));
  provider.resync();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(sink.states.length + sink.healths.length).toBe(told);
});
