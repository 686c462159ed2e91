import { describe, expect, it } from 'vitest';
import type { CommitOptions, Committed, Edit } from '../model/edit.ts';
import type { ServicesPort } from './ports.ts';
import type { EnvoyVerdict } from './types.ts';
import { createWrite } from './write.ts';

/** A registry that notes what it is told, and an Envoy that answers when it is told to. */
function world(always: boolean) {
  const did: string[] = [];
  const asked: ((verdicts: EnvoyVerdict[]) => void)[] = [];
  const commit = (edits: readonly Edit[], author: string, { dryRun = false }: CommitOptions = {}): Committed => {
    did.push(`${dryRun ? 'try' : 'commit'} ${author} ${edits.map((edit) => ('key' in edit ? edit.key : '')).join()}`);
    return { revision: 1, changed: true, changes: [], objects: [], services: [] };
  };
  const envoyCheck = { always, changes: () => new Promise<EnvoyVerdict[]>((resolve) => asked.push(resolve)) };
  const write = createWrite({ services: { commit } as Partial<ServicesPort> as ServicesPort, envoyCheck });
  return { did, asked, write };
}

const remove = (key: string) => (): Edit[] => [{ op: 'remove', key }];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ACCEPTED: EnvoyVerdict = { group: 'edge', outcome: 'accepted', envoy: '1.40.0' };
const REJECTED: EnvoyVerdict = { group: 'edge', outcome: 'rejected', envoy: '1.40.0', message: 'no' };

describe('createWrite', () => {
  it('asks nobody unless it is told to, and commits at once', async () => {
    const { did, asked, write } = world(false);
    const written = write(remove('a'), 'ann');
    expect([did, asked]).toEqual([['commit ann a'], []]);
    expect(await written).not.toHaveProperty('envoy');
    const other = write(remove('b'), 'ann', { envoy: true });
    asked[0]?.([ACCEPTED]);
    expect((await other).envoy).toEqual([ACCEPTED]);
  });

  it('plans anew once Envoy was asked, since others did not wait', async () => {
    const { did, asked, write } = world(false);
    let key = 'before';
    const written = write(() => remove(key)(), 'ann', { envoy: true });
    key = 'after';
    await write(remove('b'), 'bob');
    asked[0]?.([ACCEPTED]);
    await written;
    expect(did).toEqual(['try ann before', 'commit bob b', 'commit ann after']);
  });

  it('where each write is held against Envoy, one waits for the other, and one that is refused holds up none', async () => {
    const { did, asked, write } = world(true);
    const first = write(remove('a'), 'ann');
    const second = write(remove('b'), 'bob', { dryRun: true });
    const third = write(remove('c'), 'cat');
    await turn();
    expect(did).toEqual(['try ann a']);
    asked[0]?.([REJECTED]);
    await expect(first).rejects.toMatchObject({ code: 'envoy-rejected' });
    await turn();
    asked[1]?.([ACCEPTED]);
    await turn();
    asked[2]?.([{ group: 'edge', outcome: 'unknown', reason: 'it has Lua in it' }]);
    await Promise.all([second, third]);
    expect(did).toEqual(['try ann a', 'try bob b', 'try bob b', 'try cat c', 'commit cat c']);
  });
});
