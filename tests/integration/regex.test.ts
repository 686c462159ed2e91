import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATTERNS, TEXTS } from '../../src/model/regex.fixture.ts';
import { compileRegex } from '../../src/model/regex.ts';
import { parseWish } from '../../src/model/schemas.ts';
import { type Echo, type EchoServer, startEcho } from '../support/echo.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, ENVOY_VERSIONS, testEnvoy } from '../support/envoys.ts';
import { rawRequest } from '../support/raw-http.ts';
import { RoutedEnvoy } from '../support/routed-envoy.ts';

/** And what RE2 alone takes. */
const ALL = [
  ...PATTERNS,
  '(?i)ab+',
  '(?P<year>[0-9]+)-.*',
  '[[:alpha:]]+',
  '[[:^digit:]]*',
  '\\Aab?\\z',
  '(?s).+',
  '[a-b-c]',
  'a{0}b?',
  '\\x{61}+',
  '(?-i)a',
  '[\\d-]+',
  '\\/api\\/',
];
/** A header has no white space at its ends, and Envoy sees one without a value as if it were not sent twice. */
const VALUES = TEXTS.filter((text) => text !== '' && text.trim() === text);

describe.each(ENVOY_VERSIONS)('regular expressions in Envoy %s', (version) => {
  let folder: string;
  let echo: EchoServer;
  let envoy: RoutedEnvoy;

  beforeAll(async () => {
    const bin = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-regex-'));
    echo = await startEcho();
    const objects = ALL.flatMap((regex, i) => [
      { kind: 'Route', name: `m${i}`, hosts: '*', match: { path: { exact: `/m${i}` }, headers: { 'x-text': { regex } } }, respond: 200 },
      { kind: 'Route', name: `r${i}`, hosts: '*', match: { path: `/r${i}` }, service: 'echo', rewrite: { regex: { pattern: regex, with: '[\\0]' } } },
    ]);
    const service = { kind: 'Service', name: 'echo', host: 'echo.example.com', endpoints: [`127.0.0.1:${echo.port}`] };
    envoy = await RoutedEnvoy.start(bin, folder, [service, ...objects].map(parseWish));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await envoy.stop();
    await echo.close();
    await rm(folder, { recursive: true });
  });

  it('hold for the same values', async () => {
    const different: unknown[] = [];
    for (const [i, pattern] of ALL.entries()) {
      for (const text of VALUES) {
        const { status } = await rawRequest(envoy.port, 'GET', `/m${i}`, [
          ['Host', 'a'],
          ['X-Text', text],
        ]);
        if ((status === 200) !== compileRegex(pattern).matches(text)) different.push({ pattern, text, status });
      }
    }
    expect(different).toEqual([]);
  });

  it('are replaced in the same places', async () => {
    const different: unknown[] = [];
    for (const [i, pattern] of ALL.entries()) {
      for (const end of ['', '/aab', '/abcabc/x/b', '/12-ab', '/AbAB']) {
        const expected = compileRegex(pattern).replaceAll(`/r${i}${end}`, '[\\0]');
        // An upstream takes no other path.
        if (!expected.startsWith('/')) continue;
        const { body } = await rawRequest(envoy.port, 'GET', `/r${i}${end}`, [['Host', 'a']]);
        const { path } = JSON.parse(body) as Echo;
        if (path !== expected) different.push({ pattern, path, expected });
      }
    }
    expect(different).toEqual([]);
  });
});
