import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { instanceOf } from './instance.ts';
import { parseJoin } from './join.ts';

describe('the daemon to join', () => {
  it.each([
    ['https://control:8080', 'https://control:8080/'],
    ['https://control/envoyage/', 'https://control/envoyage'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
    ['http://localhost:8080', 'http://localhost:8080/'],
  ])('may be %s', (text, url) => {
    expect(parseJoin(text, false).href).toBe(url);
  });

  it.each(['http://control:8080', 'http://10.0.0.1:8080', 'http://127.0.0.1.evil.example.com'])('is not %s, where the token could be read', (text) => {
    expect(() => parseJoin(text, false)).toThrow(/plain HTTP to another machine/);
    expect(parseJoin(text, true).protocol).toBe('http:');
  });

  it.each(['control:8080', 'ftp://control', 'https://ann:x@control', 'https://control/?a', ''])('is a URL: %j is none', (text) => {
    expect(() => parseJoin(text, true)).toThrow(/--join/);
  });
});

describe('the instance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'envoyage-instance-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the same for a machine and its engine, another for any other, and does not show the id', () => {
    const file = join(folder, 'machine-id');
    writeFileSync(file, '0123456789abcdef0123456789abcdef\n');
    const of = (engine: string) => instanceOf(engine, 'none', [join(folder, 'missing'), file]);
    expect(of('unix:///a')).toBe(of('unix:///a'));
    expect(of('unix:///a')).not.toBe(of('unix:///b'));
    expect(of('unix:///a')).toMatch(/^[0-9a-f]{32}$/);
    expect(of('unix:///a')).not.toContain('0123456789abcdef');
    expect(instanceOf('unix:///a', 'x', [])).not.toBe(instanceOf('unix:///a', 'y', []));
  });
});
