import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Edge } from '../support/edge.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { ask, Load } from '../support/load.ts';
import { tempDir } from '../support/program.ts';
import { startedUpstreams } from '../support/upstream.ts';

/** What people lay over what a provider declares, under load: nothing is lost, and it stays whatever the provider says next. */

const HOST = 'web.example.com';
const [a, b] = startedUpstreams('A', 'B');

/** A provider that reads a file of JSON ten times a second. */
const MODULE = `
const { readFileSync } = require('node:fs');
const file = __dirname + '/list.json';
module.exports = () => {
  let sink, timer, last;
  const read = () => {
    try {
      const text = readFileSync(file, 'utf8');
      if (text !== last) sink.publish({ objects: JSON.parse(text).map((object) => ({ object, origin: 'list.json' })) });
      last = text;
    } catch (thrown) {
      sink.report({ state: 'down', message: String(thrown) });
    }
  };
  return {
    name: 'list',
    source: file,
    start: (to) => { sink = to; read(); timer = setInterval(read, 100); },
    resync: () => { last = undefined; read(); },
    stop: async () => clearInterval(timer),
  };
};
`;

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  it('takes endpoints out and in by overrides, and no request is lost', { timeout: 300_000 }, async () => {
    const folder = tempDir();
    const endpoints = [`127.0.0.1:${a.port}`, `127.0.0.1:${b.port}`];
    const say = (...objects: readonly unknown[]): void => {
      writeFileSync(join(folder.path, 'list.new'), JSON.stringify(objects));
      renameSync(join(folder.path, 'list.new'), join(folder.path, 'list.json'));
    };
    say({ kind: 'Service', name: 'web', host: HOST, endpoints });
    const module = join(folder.path, 'list.cjs');
    writeFileSync(module, MODULE);
    const edge = await Edge.start(version, { flags: ['--provider-module', module], folder });
    const { daemon, port } = edge;
    const override = async (...args: string[]): Promise<void> => {
      expect(await daemon.cli('override', 'web@list', ...args)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('live on 1 of 1 Envoy') as unknown,
        stderr: '',
      });
    };
    const answers = async (): Promise<string> => {
      const all = new Set<string>();
      for (let i = 0; i < 40; i++) all.add((await ask(port, HOST)).body);
      return [...all].toSorted().join('');
    };
    let load: Load | undefined;
    try {
      expect(await answers()).toBe('AB');
      await override(endpoints[0] ?? '', '--disable');
      expect(await answers()).toBe('B');
      load = new Load(port, HOST, 'B', 4);
      load.switching('A');
      for (let i = 0; i < 4; i++) {
        const [to, out, back] = i % 2 === 0 ? ['A', endpoints[1], endpoints[0]] : ['B', endpoints[0], endpoints[1]];
        // Both at once for a moment, then the other alone.
        await override(back ?? '', '--clear');
        await override(out ?? '', '--drain', '--for', '1h', '--reason', 'e2e');
        expect(await answers()).toBe(to);
      }
      await load.stop();
      expect(load.failures).toEqual([]);

      // What the provider says next does not undo it, and what it says is in force when a resync returns.
      say({ kind: 'Service', name: 'web', host: HOST, endpoints: endpoints.toReversed() });
      expect(await daemon.cli('providers', 'resync', 'list')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^list is read anew: 1 service, live on 1 of 1 Envoy/),
      });
      expect(await answers()).toBe('B');
      expect((await daemon.cli('status')).stdout).toContain('1 provider: 1 ok, 1 object\n1 override (envoyage override lists it)\n');
      await override('--clear');
      expect(await answers()).toBe('AB');
    } finally {
      await load?.stop();
      await edge.stop();
    }
  });
});
