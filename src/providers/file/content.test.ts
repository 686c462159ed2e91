import { describe, expect, it } from 'vitest';
import { composeState } from './compose.ts';
import { type Content, NOTHING, readContent } from './content.ts';

const service = (name: string, host = `${name}.example.com`): string => `kind: Service\nname: ${name}\nhost: ${host}\nendpoints: [a:1]\n`;
const hosts = ({ objects }: Content): string[] => [...objects.values()].map(({ object }) => (object as { host: string }).host);
const said = ({ problems }: Content): string[] => problems.map(({ code, origin, message }) => `${code} ${origin} ${message}`);

describe('readContent', () => {
  it('is what the text says, and no longer what it said before', () => {
    const before = readContent('/f.yaml', `${service('a')}---\n${service('b')}`, NOTHING);
    const now = readContent('/f.yaml', service('b', 'new.example.com'), before);
    expect([hosts(before), hosts(now), now.faulty]).toEqual([['a.example.com', 'b.example.com'], ['new.example.com'], false]);
  });

  it('takes nothing away while anything is wrong with it', () => {
    const before = readContent('/f.yaml', `${service('a')}---\n${service('b')}---\n${service('c')}`, NOTHING);
    const now = readContent('/f.yaml', `${service('a', 'new.example.com')}---\nkind: [broken\n---\n${service('d')}`, before);
    expect(hosts(now)).toEqual(['new.example.com', 'b.example.com', 'c.example.com', 'd.example.com']);
    expect(said(now)).toEqual([expect.stringMatching(/^invalid-object \/f\.yaml:7:1 this is not YAML or JSON/)]);
    expect(hosts(readContent('/f.yaml', '\n', now))).toEqual(hosts(now));
    expect(hosts(readContent('/f.yaml', '# nothing\n', now))).toEqual([]);
  });

  it('takes the first of what is said twice, which is no reason to keep anything', () => {
    const before = readContent('/f.yaml', service('old'), NOTHING);
    const now = readContent('/f.yaml', `${service('a')}---\n${service('a', 'twin.example.com')}`, before);
    expect(hosts(now)).toEqual(['a.example.com']);
    expect(said(now)).toEqual(['declared-twice /f.yaml:6:1 it is declared twice, at /f.yaml:1:1 too: the first counts']);
  });

  it('knows the place of each part, of objects that are kept too', () => {
    const before = readContent('/f.yaml', `# one\n${service('a')}`, NOTHING);
    const now = readContent('/f.yaml', 'kind: [broken\n', before);
    const [a] = now.objects.values();
    expect([a?.origin, a?.placeOf?.('/host')]).toEqual(['/f.yaml:2:1', '/f.yaml:4:7']);
  });
});

describe('composeState', () => {
  const files = (texts: Readonly<Record<string, string>>): Map<string, Content> =>
    new Map(Object.entries(texts).map(([path, text]) => [path, readContent(path, text, NOTHING)]));

  it('gives an object to the first of its files by path', () => {
    const state = composeState(files({ '/b.yaml': service('web', 'b.example.com'), '/a.yaml': service('web', 'a.example.com') }), []);
    expect(state.objects.map(({ origin }) => origin)).toEqual(['/a.yaml:1:1']);
    expect(state.problems).toMatchObject([{ code: 'declared-twice', key: 'web', origin: '/b.yaml:1:1' }]);
    expect(state.keeps).toBeUndefined();
  });

  it('keeps what was said where it cannot be read, and only that', () => {
    const { keeps } = composeState(files({ '/d/a.yaml': '', '/d/b.yaml': service('b') }), [{ path: '/gone', why: 'does not exist' }]);
    const origins = ['/d/a.yaml:1:1', '/d/b.yaml:1:1', '/gone/x/y.yaml:3:1', '/gone:1:1', '/gone2.yaml:1:1', undefined];
    expect(origins.map((origin) => keeps?.(origin))).toEqual([true, false, true, true, false, false]);
  });
});
