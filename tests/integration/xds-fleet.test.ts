import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contents, NODE, type TestStream, TYPES, type Variant } from '../support/xds-client.ts';
import { edit, TestServer } from '../support/xds-server.ts';

/** A hundred streams at once; how fast, `make bench` says. */

const { cds, sds } = TYPES;
const FLEET = 100;

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(() => server.close());

function open(variant: Variant): TestStream {
  return server.client().open(variant);
}

describe.each(['delta', 'sotw'] as const)('a fleet (%s)', (variant) => {
  it('that comes back at once with what it holds is sent nothing that did not change, then what does', async () => {
    server.publish(...Array.from({ length: 50 }, (_, i) => edit(cds, `c${i}`, '1')));
    const before = open(variant);
    before.subscribe(cds);
    const { version, resources } = await before.take();
    const held = new Map(resources.map(({ name, version: own }) => [name, own]));
    const fleet = Array.from({ length: FLEET }, () => open(variant));
    for (const stream of fleet) {
      if (variant === 'delta') stream.delta({ node: NODE, typeUrl: cds, initialVersions: held });
      else stream.sotw({ node: NODE, typeUrl: cds, versionInfo: version });
    }
    expect((await Promise.all(fleet.map((stream) => stream.rest()))).flat()).toEqual([]);
    server.publish(edit(cds, 'c7', '2'));
    for (const response of await Promise.all(fleet.map((stream) => stream.take()))) {
      expect(response.resources.length).toBe(variant === 'delta' ? 1 : 50);
      expect(contents(response)).toContain('c7=2');
    }
  });

  it('that is slower than the changes gets the latest of each, and few of those in between', async () => {
    server.publish(edit(sds, 'a', '0'), edit(sds, 'b', '0'));
    const fleet = Array.from({ length: FLEET }, () => open(variant));
    for (const stream of fleet) stream.subscribe(sds, ['a', 'b']);
    const held = await Promise.all(
      fleet.map(async (stream) => {
        await stream.take(['a', 'b']);
        return new Map<string, string>();
      }),
    );
    for (const stream of fleet) await stream.rest();
    for (let i = 1; i <= 200; i++) server.publish(edit(sds, i % 2 === 0 ? 'a' : 'b', String(i)));
    const counts = await Promise.all(
      fleet.map(async (stream, i) => {
        let count = 0;
        while (held[i]?.get('a') !== '200' || held[i]?.get('b') !== '199') {
          const response = await stream.take(['a', 'b']);
          count++;
          for (const { name, body } of response.resources) held[i]?.set(name, body);
        }
        return count;
      }),
    );
    expect(Math.max(...counts)).toBeLessThan(50);
    expect((await Promise.all(fleet.map((stream) => stream.rest()))).flat()).toEqual([]);
  });
});
