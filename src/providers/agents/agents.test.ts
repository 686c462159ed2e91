import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../../tests/support/refusal.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { AgentsLab, container, renewal, report } from './agents.fixture.ts';
import { MOST_AGENTS } from './agents.ts';

let lab: AgentsLab;
beforeEach(() => {
  lab = new AgentsLab();
});
afterEach(() => lab.agents.stop());

describe('an agent', () => {
  it('tells what its host has, and where that is reached: where it says, else where it speaks from', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.agents.put('h2', report([], { address: '192.0.2.9', instance: 'machine-b' }), '10.0.0.2');
    expect(lab.states).toEqual([
      { host: 'h1', address: '10.0.0.1', containers: [container('web')] },
      { host: 'h2', address: '192.0.2.9', containers: [] },
    ]);
    expect(lab.agents.list()).toMatchObject([
      { name: 'h1', state: 'alive', containers: 1, lease: 30, leaseEndsAt: '2026-01-02T03:04:35.000Z', version: '1.0.0', engine: { state: 'ok' } },
      { name: 'h2', address: '192.0.2.9', containers: 0 },
    ]);
  });

  it('stays by saying so, and nothing is told or written for that', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    for (let i = 0; i < 10; i++) {
      lab.pass(20);
      expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('known');
    }
    lab.agents.put('h1', report([container('web')], { sequence: 2 }), '10.0.0.1');
    expect([lab.states.length, lab.writes, lab.news]).toEqual([1, 1, ['h1 joined']]);
  });

  it('is asked for all of it where the daemon has another state, or speaks from elsewhere', () => {
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('wanted');
    expect(lab.agents.list()).toEqual([]);
    lab.agents.put('h1', report([]), '10.0.0.1');
    expect(lab.agents.renew('h1', renewal({ sequence: 2 }), '10.0.0.1').state).toBe('wanted');
    expect(lab.agents.renew('h1', renewal({ run: 2 }), '10.0.0.1').state).toBe('wanted');
    expect(lab.agents.renew('h1', renewal(), '10.0.0.7').state).toBe('wanted');
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('known');
  });

  it('says how its engine is', () => {
    lab.agents.put('h1', report([]), '10.0.0.1');
    expect(lab.health.get('h1')).toEqual({ state: 'ok' });
    lab.agents.renew('h1', renewal({ engine: { state: 'down', message: 'connect ENOENT' } }), '10.0.0.1');
    expect(lab.health.get('h1')).toEqual({ state: 'down', message: 'connect ENOENT' });
    expect(lab.agents.list()[0]).toMatchObject({ state: 'alive', engine: { state: 'down', message: 'connect ENOENT' } });
    expect(lab.states).toHaveLength(1);
  });

  it('keeps its state while it is started anew and has no engine to ask', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    for (let i = 0; i < 3; i++) {
      lab.pass(20);
      expect(lab.agents.renew('h1', renewal({ run: 2, sequence: 0, engine: { state: 'down' } }), '10.0.0.1').state).toBe('wanted');
    }
    expect(lab.told('h1')).toEqual(['web']);
  });
});

describe('a lease that ends', () => {
  it('drains what the host has, then takes it away, and says so for a day', () => {
    lab.agents.put('h1', report([container('web'), container('old', { state: 'exited', exitedAt: '2026-01-02T03:04:05.000Z' })]), '10.0.0.1');
    lab.pass(29);
    expect(lab.told('h1')).toEqual(['web', 'old exited']);
    lab.pass(1);
    expect(lab.told('h1')).toEqual(['web stopping']);
    expect(lab.states.at(-1)?.containers[0]).toMatchObject({ stoppingSince: '2026-01-02T03:04:35.000Z', state: 'running' });
    expect(lab.health.get('h1')).toEqual({ state: 'down', message: 'its agent was not heard of in time: its lease ended at 2026-01-02T03:04:35.000Z' });
    lab.pass(10);
    expect(lab.states.at(-1)?.containers[0]).toMatchObject({ exitedAt: '2026-01-02T03:04:45.000Z', state: 'exited' });
    lab.pass(5);
    expect(lab.told('h1')).toEqual([]);
    expect([...lab.disk.keys()]).toEqual([]);
    expect(lab.agents.list()).toMatchObject([{ name: 'h1', state: 'lost', containers: 0 }]);
    expect(lab.agents.counts.ended).toBe(1);
    lab.now += 24 * 3_600_000;
    lab.agents.tick();
    expect([lab.agents.list(), lab.gone, lab.news]).toEqual([[], ['h1'], ['h1 joined', 'h1 lost', 'h1 forgotten']]);
  });

  it('drains a container that was stopping already for as long as the host', () => {
    lab.agents.put('h1', report([container('web', { stoppingSince: '2026-01-02T03:04:00.000Z' })]), '10.0.0.1');
    lab.pass(39);
    expect(lab.told('h1')).toEqual(['web stopping']);
    lab.pass(1);
    expect(lab.told('h1')).toEqual(['web exited']);
  });

  it('is mended by a few words while the state is the same, and all is as it was', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(35);
    expect(lab.told('h1')).toEqual(['web stopping']);
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('known');
    expect(lab.told('h1')).toEqual(['web']);
    lab.pass(29);
    expect([lab.told('h1'), lab.news]).toEqual([['web'], ['h1 joined', 'h1 lost', 'h1 back']]);
    lab.restart();
    expect(lab.told('h1')).toEqual(['web']);
  });

  it('is mended by the whole state once that has gone', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(60);
    expect(lab.told('h1')).toEqual([]);
    // The sequence is the same, and so is the rest; but there is nothing any more that it could bring back.
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('wanted');
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    expect(lab.told('h1')).toEqual(['web']);
    expect(lab.agents.list()[0]?.state).toBe('alive');
  });

  it('does not end while it is the daemon that sleeps', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(25);
    lab.now += 60_000;
    lab.agents.tick();
    expect(lab.told('h1')).toEqual(['web']);
    lab.pass(6);
    expect(lab.told('h1')).toEqual(['web stopping']);
  });
});

describe('goodbye', () => {
  it('drains at once, and all is forgotten after that', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.agents.leave('h1', { instance: 'machine-a', run: 1 });
    expect([lab.told('h1'), lab.agents.list()[0]?.state]).toEqual([['web stopping'], 'left']);
    lab.pass(15);
    expect([lab.told('h1'), lab.gone, lab.agents.list(), lab.disk.size]).toEqual([[], ['h1'], [], 0]);
  });

  it('is not for anybody else to say', () => {
    lab.agents.put('h1', report([container('web')], { run: 5 }), '10.0.0.1');
    expect(refusal(() => lab.agents.leave('h1', { instance: 'machine-b', run: 5 })).code).toBe('agent-conflict');
    expect(refusal(() => lab.agents.leave('h1', { instance: 'machine-a', run: 4 })).code).toBe('agent-conflict');
    expect(refusal(() => lab.agents.leave('h9', undefined)).code).toBe('agent-not-found');
    expect(lab.told('h1')).toEqual(['web']);
    lab.agents.leave('h1', undefined);
    expect(lab.told('h1')).toEqual(['web stopping']);
  });
});

describe('two with one name', () => {
  it('the second is refused, with both instances named, until the lease of the first has ended', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(10);
    const other = report([container('api')], { instance: 'machine-b' });
    const error = refusal(() => lab.agents.put('h1', other, '10.0.0.2'));
    expect([error.code, error.message, error.hint]).toEqual([
      'agent-conflict',
      expect.stringMatching(/"h1".*10\.0\.0\.1, instance machine-a.*for 20 s more; this is instance machine-b/),
      expect.stringContaining('envoyage agent --name'),
    ]);
    expect(refusal(() => lab.agents.renew('h1', renewal({ instance: 'machine-b' }), '10.0.0.2')).code).toBe('agent-conflict');
    expect([lab.told('h1'), lab.agents.counts.refused]).toEqual([['web'], 2]);
    lab.pass(20);
    lab.agents.put('h1', other, '10.0.0.2');
    expect(lab.told('h1')).toEqual(['api']);
    expect(refusal(() => lab.agents.renew('h1', renewal(), '10.0.0.1')).code).toBe('agent-conflict');
  });

  it('the newer process of one machine takes over from the older at once', () => {
    lab.agents.put('h1', report([container('web')], { run: 1, sequence: 900 }), '10.0.0.1');
    lab.agents.put('h1', report([container('web'), container('api')], { run: 2, sequence: 1 }), '10.0.0.1');
    expect(lab.told('h1')).toEqual(['web', 'api']);
    expect(refusal(() => lab.agents.put('h1', report([], { run: 1, sequence: 901 }), '10.0.0.1')).message).toMatch(/was started later.*"h1"/);
    expect(lab.told('h1')).toEqual(['web', 'api']);
  });

  it('an older state does not replace a newer one, and the same once more is no harm', () => {
    lab.agents.put('h1', report([container('b')], { sequence: 7 }), '10.0.0.1');
    expect(refusal(() => lab.agents.put('h1', report([container('a')], { sequence: 6 }), '10.0.0.1')).message).toMatch(/state 6 of "h1" came after state 7/);
    lab.agents.put('h1', report([container('b')], { sequence: 7 }), '10.0.0.1');
    expect(lab.told('h1')).toEqual(['b']);
  });
});

describe('a daemon that is started anew', () => {
  it('has what it had, and gives each a whole lease', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(29);
    lab.now += 3_600_000;
    lab.restart();
    expect([[...lab.agents.hosts], lab.states]).toEqual([['h1'], [{ host: 'h1', address: '10.0.0.1', containers: [container('web')] }]]);
    lab.pass(29);
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('known');
    lab.pass(29);
    expect(lab.told('h1')).toEqual(['web']);
    lab.pass(1);
    expect(lab.told('h1')).toEqual(['web stopping']);
  });

  it('goes on with a drain that had begun', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.pass(35);
    lab.restart();
    expect(lab.told('h1')).toEqual(['web stopping']);
    lab.pass(5);
    expect(lab.told('h1')).toEqual(['web exited']);
  });

  it('forgets what it cannot read, and asks for it', () => {
    lab.disk.set('h1', '{');
    lab.disk.set('h2', '{"lease":30}');
    lab.restart();
    expect([...lab.agents.hosts]).toEqual([]);
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('wanted');
  });
});

describe('the number of agents', () => {
  it('has an end, and who is lost makes place', () => {
    for (let i = 0; i < MOST_AGENTS; i++) lab.agents.put(`h${i}`, report([], { lease: i === 7 ? 30 : 3600 }), '10.0.0.1');
    const put = () => lab.agents.put('new', report([]), '10.0.0.1');
    expect(refusal(put).code).toBe('agent-refused');
    lab.pass(31);
    put();
    expect(lab.gone).toEqual(['h7']);
  });
});

describe('a disk that is full', () => {
  it('has the agent told, and nothing is in force that would be lost', () => {
    lab.agents.put('h1', report([container('web')]), '10.0.0.1');
    lab.disk.set = () => {
      throw new EnvoyageError('store-failed', 'no space');
    };
    expect(refusal(() => lab.agents.put('h1', report([container('api')], { sequence: 2 }), '10.0.0.1')).code).toBe('store-failed');
    expect(lab.told('h1')).toEqual(['web']);
    expect(lab.agents.renew('h1', renewal(), '10.0.0.1').state).toBe('known');
  });
});
