import { describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { parseObject, readObjects } from './objects.ts';
import { parseDocuments } from './parse.ts';

const read = (text: string, file = 'a.yaml') => readObjects([{ file, text }]);
const said = (text: string): string[] => read(text).faults.map(({ origin, message }) => `${origin}: ${message}`);

describe('readObjects', () => {
  it('reads YAML of several documents, JSON, and lists of either', () => {
    const yaml = read('kind: Service\nname: web\nhost: web.example.com\nendpoints: [web-a:5678]\n---\nhost: api.example.com\nendpoints:\n  - api:80\n');
    expect(yaml.faults).toEqual([]);
    expect(yaml.objects.map(({ wish, document }) => [wish, document.origin])).toEqual([
      [{ id: 'web', host: 'web.example.com', endpoints: ['web-a:5678'] }, 'a.yaml:1:1'],
      [{ id: 'api.example.com', host: 'api.example.com', endpoints: ['api:80'] }, 'a.yaml:6:1'],
    ]);
    const json = read('[{"host":"a.example.com","endpoints":["a:1"]},\n\t{"host":"b.example.com",\n\t\t"endpoints":["b:1"]}]', 'a.json');
    expect(json.faults).toEqual([]);
    expect(json.objects.map(({ document }) => document.origin)).toEqual(['a.json:1:2', 'a.json:2:2']);
    expect(json.objects[1]?.document.positionOf('/endpoints/0')).toBe('a.json:3:16');
  });

  it('knows nothing in texts that say nothing', () => {
    for (const text of ['', '# a comment\n', '---\n---\n# none\n', 'null']) expect(read(text)).toEqual({ objects: [], faults: [] });
  });

  it('leaves the others where one document is bad, and says where', () => {
    const text =
      'host: a.example.com\nendpoints: [a:1]\n---\nkind: [broken\n---\nhost: b.example.com\nendpoints: ["a:1", "b"]\nendpiont: 5\n---\nhost: c.example.com\nendpoints: [c:1]\n';
    expect(read(text).objects.map(({ wish }) => (wish as { id: string }).id)).toEqual(['a.example.com', 'c.example.com']);
    expect(said(text)).toEqual([
      expect.stringMatching(/^a\.yaml:5:1: this is not YAML or JSON: .*end with a \]$/),
      'a.yaml:7:20: endpoints[1]: the endpoint "b" lacks a port: write HOST:PORT',
      'a.yaml:8:11: endpiont: unknown field "endpiont" (did you mean "endpoints"?)',
    ]);
  });

  it('names a missing field by the object, and an empty list by its key', () => {
    expect(said('\nhost: a.example.com\n')).toEqual(['a.yaml:2:1: endpoints: "endpoints" is missing']);
    expect(said('host: a.example.com\nendpoints:\n  []\n')[0]).toMatch(/^a\.yaml:2:1: endpoints: endpoints must name at least one/);
  });

  it('says what kinds there are', () => {
    expect(said('kind: Servce\nname: web\n')).toEqual([
      'a.yaml:1:7: kind: there is no kind "Servce" (did you mean "Service"?): it is one of Certificate, Service, Listener, Route, Raw',
    ]);
    expect(said('name: web\n')[0]).toMatch(/^a\.yaml:1:1: the kind is missing: it is one of /);
    expect(said('kind: 5\n')[0]).toMatch(/^a\.yaml:1:7: kind: the kind must be a string/);
    expect(said('- 5\n')[0]).toMatch(/^a\.yaml:1:3: an object must be a map of fields/);
  });

  it('calls the id of a service its name where people do', () => {
    expect(said('kind: Service\nname: We b\nhost: a.example.com\nendpoints: [a:1]\n')[0]).toMatch(/^a\.yaml:2:7: name: the name must be 1 to 253/);
    expect(said('kind: Service\nname: a\nid: b\nhost: a.example.com\nendpoints: [a:1]\n')[0]).toMatch(/^a\.yaml:3:5: id: the id of a service is its name/);
    expect(said('name: a\nhost: a.example.com\nendpoints: [a:1]\n')[0]).toMatch(/^a\.yaml:1:7: name: unknown field "name": say kind: Service/);
  });

  it('refuses what is declared twice, in one file or in two', () => {
    const web = 'kind: Service\nname: web\nhost: web.example.com\nendpoints: [a:1]\n';
    const { objects, faults } = readObjects([
      { file: 'a.yaml', text: web },
      { file: 'b.yaml', text: `# again\n${web}` },
    ]);
    expect(objects).toHaveLength(1);
    expect(faults).toEqual([
      { origin: 'b.yaml:2:1', message: 'service "web" is declared twice, at a.yaml:1:1 too: leave one of the two out, or give it another name' },
    ]);
    expect(said('host: a.example.com\nhost: b.example.com\nendpoints: [a:1]\n')).toEqual(['a.yaml:2:1: this is not YAML or JSON: Map keys must be unique']);
  });

  it('follows anchors and merges, and bounds what they can grow to', () => {
    const text = '- &base\n  host: a.example.com\n  endpoints: &e [a:1]\n- <<: *base\n  host: b.example.com\n- host: c.example.com\n  endpoints: *e\n';
    expect(read(text).faults).toEqual([]);
    expect(read(text).objects.map(({ wish }) => wish)).toEqual(
      ['a', 'b', 'c'].map((name) => ({ id: `${name}.example.com`, host: `${name}.example.com`, endpoints: ['a:1'] })),
    );
    const tenfold = (name: string, of: string): string => `${name}: &${name} [${Array.from({ length: 10 }, () => of).join(',')}]\n`;
    expect(said(`${tenfold('a', 'x')}${tenfold('b', '*a')}${tenfold('c', '*b')}${tenfold('d', '*c')}${tenfold('e', '*d')}`)[0]).toMatch(
      /^a\.yaml:1:1: this cannot be read: Excessive alias/,
    );
    expect(said('['.repeat(20_000))).toHaveLength(1);
    expect(said('host: !secret a.example.com\nendpoints: [a:1]\n')).toEqual(['a.yaml:1:7: this is not YAML or JSON: Unresolved tag: !secret']);
  });

  it('passes over what the registry adds', () => {
    const { objects, faults } = read('host: a.example.com\nendpoints: [a:1]\nrevision: 7\ncreatedAt: x\nupdatedAt: x\nupdatedBy: x\norigin: b.yaml:1:1\n');
    expect(faults).toEqual([]);
    expect(objects[0]?.wish).toEqual({ id: 'a.example.com', host: 'a.example.com', endpoints: ['a:1'] });
  });
});

describe('parseObject', () => {
  it('throws one error with every fault in its place', () => {
    const [document] = parseDocuments('host: a b\nendpoints: [x]\n', 'edit.yaml').documents;
    if (document === undefined) throw new Error('there is one');
    const fault = (() => {
      try {
        return parseObject(document);
      } catch (thrown) {
        return thrown as EnvoyageError;
      }
    })() as EnvoyageError;
    expect(fault).toBeInstanceOf(EnvoyageError);
    expect(fault.code).toBe('invalid-object');
    expect(fault.errors.map(({ field }) => field)).toEqual(['edit.yaml:1:7', 'edit.yaml:2:13']);
  });
});
