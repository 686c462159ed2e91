import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Dump } from '../api/types.ts';
import { EXIT } from './exit-codes.ts';
import { FakeApi, run } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const ANSWER: Dump = {
  group: 'edge',
  connected: false,
  revision: 3,
  resources: [
    { name: 'web', type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', version: 'a', resource: { name: 'web', connectTimeout: '5s', yes: 'no' } },
  ],
};

function dump(...args: string[]) {
  api.routes = { 'GET /api/v1/dump': { body: ANSWER } };
  return run(['dump', '--server', api.url, ...args]);
}

describe('dump', () => {
  it('prints what the daemon says as YAML', async () => {
    const { code, stdout, stderr } = await dump();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('resources:\n  - name: web\n');
    expect(parse(stdout)).toEqual(ANSWER);
    expect(api.requests).toEqual(['GET /api/v1/dump?']);
  });

  it.each([[['-o', 'json']], [['--output=json']], [['--json']]])('prints it as JSON (%j)', async (args) => {
    const { stdout } = await dump(...args);
    expect(JSON.parse(stdout)).toEqual(ANSWER);
  });

  it('asks for a group, a node and a type', async () => {
    await dump('--group', 'edge', '--type', 'cds');
    await dump('--node', 'edge/1 &');
    expect(api.requests).toEqual(['GET /api/v1/dump?group=edge&type=cds', 'GET /api/v1/dump?node=edge%2F1+%26']);
  });

  it.each([
    [['--group', 'a', '--node', 'b'], "option '--node <ID>' cannot be used with option '--group <GROUP>'"],
    [['-o', 'xml'], "option '-o, --output <FORMAT>' argument 'xml' is invalid. Allowed choices are yaml, json"],
    [['--group', 'a b'], 'a group must be 1 to 128 letters'],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await dump(...args);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain(words);
    expect(api.requests).toEqual([]);
  });
});
