import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Edge } from '../support/edge.ts';
import { ENVOY_VERSIONS } from '../support/envoys.ts';
import { Load } from '../support/load.ts';
import { freePort } from '../support/ports.ts';
import { startedUpstreams } from '../support/upstream.ts';

/** What changes its name, or takes the place of something else, while requests come: made before it is broken, so that none is lost. */

const HOST = 'web.example.com';
const TIMES = 5;

const [a] = startedUpstreams('A');

describe.each(ENVOY_VERSIONS.flatMap((version) => (['delta', 'sotw'] as const).map((variant) => ({ version, variant }))))(
  'Envoy $version ($variant)',
  ({ version, variant }) => {
    let edge: Edge;
    let load: Load | undefined;

    beforeEach(async () => {
      edge = await Edge.start(version, { variant });
    });

    afterEach(async () => {
      await load?.stop();
      await edge.stop();
    });

    /** These and no others. */
    async function apply(...objects: object[]): Promise<void> {
      const file = `${edge.folder}/objects.yaml`;
      writeFileSync(file, objects.map((object) => `---\n${stringify({ labels: { of: 'test' }, ...object })}`).join(''));
      const { code, stderr } = await edge.daemon.cli('apply', '-f', file, '--prune', '-l', 'of=test', '--timeout', '60');
      expect([code, stderr]).toEqual([0, '']);
    }
    const service = (name: string, host?: string): object => ({
      kind: 'Service',
      name,
      ...(host === undefined ? {} : { host }),
      endpoints: [`127.0.0.1:${a.port}`],
    });
    const route = (name: string, to: string, more: object = {}): object => ({ kind: 'Route', name, hosts: [HOST], service: to, ...more });

    async function unharmed(...states: (readonly object[])[]): Promise<void> {
      const [first = [], ...others] = states;
      await apply(...first);
      load = new Load(edge.port, HOST, 'A', 4);
      for (let i = 0; i < TIMES; i++) for (const state of [...others, first]) await apply(...state);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.requests).toBeGreaterThan(TIMES);
    }

    it('a service under another name, which its routes follow', { timeout: 300_000 }, () =>
      unharmed([service('old'), route('r', 'old')], [service('new'), route('r', 'new')]),
    );

    it('a host that passes from one service to another', { timeout: 300_000 }, () => unharmed([service('old', HOST)], [service('new', HOST)]));

    it('a route in the place of a service, and of another route', { timeout: 300_000 }, () =>
      unharmed(
        [service('s', HOST)],
        [service('s'), route('one', 's')],
        [service('s'), route('two', 's', { match: { path: '/' } })],
        [service('t'), route('two', 't', { priority: 3 })],
      ),
    );

    it('a listener that is added and taken away beside it', { timeout: 300_000 }, async () => {
      const other = { kind: 'Listener', name: 'other', address: `127.0.0.1:${await freePort()}`, protocol: 'http' };
      await unharmed([service('s', HOST)], [service('s', HOST), other]);
    });
  },
);
