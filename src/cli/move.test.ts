import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeGroup } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { FakeApi, type Routes, rolloutOf, run } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const cli = (argv: string[], routes: Routes = {}) => {
  api.routes = routes;
  return run(['move', ...argv, '--server', api.url]);
};

const one = { nodes: 1, acked: 1, elapsedMs: 412 };
const moved = (rollout?: NodeGroup['rollout']): NodeGroup => ({
  node: 'edge/1',
  group: 'lab',
  placement: { group: 'lab', from: 'move', at: '2026-01-01T00:00:00.000Z', by: 'ann@laptop' },
  revision: 7,
  ...(rollout === undefined ? {} : { rollout }),
});
const PUT = 'PUT /api/v1/nodes/edge%2F1/group';
const GET = 'GET /api/v1/nodes/edge%2F1/group';
const DELETE = 'DELETE /api/v1/nodes/edge%2F1/group';

describe('move', () => {
  it('moves an Envoy, waits until it has arrived, and says how long it took', async () => {
    const ran = await cli(['edge/1', 'lab'], { [PUT]: { body: moved(rolloutOf('live', one)) } });
    expect(ran).toEqual({ code: 0, stdout: 'edge/1 → group lab, live in 412 ms\n', stderr: '' });
    expect(api.requests).toEqual([`${PUT}?wait=acked&timeout=1`]);
    expect(api.got[0]?.body).toEqual({ group: 'lab' });
  });

  it('goes on waiting, as long as it is told to', async () => {
    const pending = rolloutOf('pending', { nodes: 1, acked: 0, pending: ['edge/1'] });
    const arrived = await cli(['edge/1', 'lab'], { [PUT]: { body: moved(pending) }, [GET]: { body: moved(rolloutOf('live', one)) } });
    expect(arrived.stdout).toBe('edge/1 → group lab, live in 412 ms\n');
    expect(api.requests.map((request) => request.replace(/\?.*/, ''))).toEqual([PUT, GET]);
    const late = await cli(['edge/1', 'lab', '--timeout', '0'], { [PUT]: { body: moved({ ...pending, elapsedMs: 1300 }) } });
    expect(late).toEqual({
      code: 4,
      stdout: 'edge/1 → group lab, saved; it has not taken everything after 1.3 s\n',
      stderr: 'hint: it is saved, and goes on by itself; envoyage status shows every Envoy\n',
    });
  });

  it('says so where the Envoy is not there, or nobody waits', async () => {
    const gone = await cli(['edge/1', 'lab'], { [PUT]: { body: moved(rolloutOf('no-envoys', { nodes: 0, acked: 0 })) } });
    expect([gone.code, gone.stdout]).toEqual([0, 'edge/1 → group lab, saved; it is not connected now\n']);
    const saved = await cli(['edge/1', 'lab', '--no-wait'], { [PUT]: { body: moved() } });
    expect([saved.code, saved.stdout]).toEqual([0, 'edge/1 → group lab, saved\n']);
  });

  it('has Envoy’s own words where it rejected what the group holds', async () => {
    const rejected = [{ node: 'edge/1', type: 'lds', message: 'cannot bind' }];
    const ran = await cli(['edge/1', 'lab'], { [PUT]: { body: moved(rolloutOf('rejected', { nodes: 1, acked: 0, rejected })) } });
    expect(ran.code).toBe(5);
    expect(ran.stdout).toBe('edge/1 → group lab, saved; it rejected something that the group holds:\n  edge/1 (lds)\n    cannot bind\n');
  });

  it.each<[NodeGroup['placement'], string]>([
    [{ group: 'edge', from: 'rule', rule: 'edge=id:edge/*' }, 'edge/1 → group edge (by the rule edge=id:edge/*), live in 412 ms'],
    [{ group: 'edge', from: 'cluster' }, 'edge/1 → group edge (by its node.cluster), live in 412 ms'],
    [{ group: 'default', from: 'default' }, 'edge/1 → group default (it names none), live in 412 ms'],
  ])('undoes it, and says why the Envoy is where it is then: %j', async (placement, text) => {
    const body: NodeGroup = { ...moved(rolloutOf('live', one)), group: placement?.group ?? null, placement };
    expect(await cli(['edge/1', '--undo'], { [DELETE]: { body } })).toEqual({ code: 0, stdout: `${text}\n`, stderr: '' });
    expect(api.requests).toEqual([`${DELETE}?wait=acked&timeout=1`]);
  });

  it('undoes that of an Envoy that has not come back', async () => {
    const body: NodeGroup = { ...moved(rolloutOf('no-envoys', { nodes: 0, acked: 0 })), group: null, placement: null };
    expect((await cli(['edge/1', '--undo'], { [DELETE]: { body } })).stdout).toBe('edge/1 is not moved any more, saved; it is not connected now\n');
  });

  it('is JSON on request', async () => {
    const body = moved(rolloutOf('live', one));
    expect(JSON.parse((await cli(['edge/1', 'lab', '--json'], { [PUT]: { body } })).stdout)).toEqual(body);
  });

  it('says that the move is saved where the daemon is gone in the meantime', async () => {
    const pending = rolloutOf('pending', { nodes: 1, acked: 0, pending: ['edge/1'] });
    const ran = await cli(['edge/1', 'lab'], { [PUT]: { body: moved(pending) }, [GET]: { body: 'nonsense', type: 'text/plain' } });
    expect(ran.stderr).toMatch(/^error: the move of edge\/1 is saved, but how far it came is not known: /);
  });

  it('hands on what the API refuses', async () => {
    const ran = await cli(['edge/1', 'lab'], {
      [PUT]: new EnvoyageError('node-not-found', 'no Envoy called "edge/1" has been here', { hint: 'envoyage status' }),
    });
    expect(ran).toEqual({ code: 6, stdout: '', stderr: 'error: no Envoy called "edge/1" has been here\nhint: envoyage status\n' });
  });

  it.each([
    [['edge-1'], 'the group is missing'],
    [['edge-1', 'lab', '--undo'], 'either a group or --undo, not both'],
    [['edge-1', 'a b'], 'the group "a b": a group must be 1 to 128 letters, digits, dots, hyphens or underscores'],
  ])('refuses %j', async (args, message) => {
    const ran = await cli(args);
    expect([ran.code, ran.stdout, ran.stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
    expect(api.requests).toEqual([]);
  });
});
