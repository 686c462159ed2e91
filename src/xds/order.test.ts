import { describe, expect, it } from 'vitest';
import { type Answer, EVERYTHING } from './frame.ts';
import { absentReferrersWait, additionsWait, flightWait, isHeldByRejection, removableUpTo } from './order.ts';
import { makeResource } from './resource.ts';
import { Store } from './store.ts';
import { Subscription } from './subscription.ts';
import { CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES, SECRET, type TypeUrl } from './types.ts';

const NOW = 10_000;
const PATIENCE = 2000;
const TYPES = [CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, 'type.googleapis.com/test.Unknown'] as const;

/** Subscriptions to all types, with everything sent and answered as of publication 7. */
function subscriptions(): Record<TypeUrl, Subscription> {
  const made = Object.fromEntries(TYPES.map((type) => [type, new Subscription(type, new Store())]));
  for (const sub of Object.values(made)) sub.servedUpTo(7, 7);
  return made;
}

function send(sub: Subscription | undefined, at: number, from = 6, seq = 7): void {
  const answer: Answer = { type: sub?.type ?? '', version: '', nonce: `n${at}`, from, seq, names: [] };
  sub?.sent({ answer, serial: at }, at);
}

function waits(subs: Record<TypeUrl, Subscription>, seq = 7): number[] {
  return TYPES.map((type) => additionsWait(subs[type] as Subscription, Object.values(subs), seq, NOW, PATIENCE));
}

describe('additions', () => {
  it('wait for nobody where everybody is done', () => {
    expect(waits(subscriptions())).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('of listeners and routes wait for answers to earlier types, for so long; endpoints never do', () => {
    const subs = subscriptions();
    send(subs[CLUSTER], NOW - 500);
    expect(waits(subs)).toEqual([0, 0, 1500, 1500, 0, 0]);
    subs[CLUSTER]?.outstanding.clear();
    send(subs[ENDPOINTS], NOW - 1999);
    expect(waits(subs)).toEqual([0, 0, 1, 1, 0, 0]);
    subs[ENDPOINTS]?.outstanding.clear();
    send(subs[LISTENER], NOW);
    expect(waits(subs)).toEqual([0, 0, 0, 2000, 0, 0]);
  });

  it('do not wait for an answer that is overdue', () => {
    const subs = subscriptions();
    send(subs[CLUSTER], NOW - PATIENCE);
    expect(waits(subs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('do not wait longer altogether for answers that never end', () => {
    const subs = subscriptions();
    send(subs[CLUSTER], NOW - 1);
    const routes = subs[ROUTES] as Subscription;
    routes.waitingSince = NOW - 1900;
    expect(additionsWait(routes, Object.values(subs), 7, NOW, PATIENCE)).toBe(100);
    routes.waitingSince = NOW - PATIENCE;
    expect(additionsWait(routes, Object.values(subs), 7, NOW, PATIENCE)).toBeLessThanOrEqual(0);
  });

  it('never go before earlier types have been sent, however long that takes', () => {
    const subs = subscriptions();
    const routes = subs[ROUTES] as Subscription;
    routes.waitingSince = 0;
    subs[CLUSTER]?.fresh.add('a');
    expect(additionsWait(routes, Object.values(subs), 7, NOW, PATIENCE)).toBe(Number.POSITIVE_INFINITY);
    subs[CLUSTER]?.fresh.clear();
    for (const type of [ENDPOINTS, LISTENER, ROUTES]) subs[type]?.servedUpTo(8, 8);
    expect(additionsWait(routes, Object.values(subs), 8, NOW, PATIENCE)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('answers under way', () => {
  it('are eight at most, then further ones wait for the oldest of them, and not for ever', () => {
    const sub = subscriptions()[CLUSTER] as Subscription;
    for (let i = 0; i < 7; i++) send(sub, NOW - 100 + i);
    expect(flightWait(sub, NOW, PATIENCE)).toBe(0);
    send(sub, NOW);
    expect(flightWait(sub, NOW, PATIENCE)).toBe(1900);
    expect(flightWait(sub, NOW + 1900, PATIENCE)).toBe(0);
    send(sub, NOW + 1900);
    expect(flightWait(sub, NOW + 1900, PATIENCE)).toBe(1);
  });
});

describe('removals', () => {
  const upTo = (subs: Record<TypeUrl, Subscription>): number[] => TYPES.map((type) => removableUpTo(subs[type] as Subscription, Object.values(subs)));
  const anytime = Number.POSITIVE_INFINITY;

  it('of listeners and unknown types go at any time, others as far as what may refer to them has been taken', () => {
    const subs = subscriptions();
    expect(upTo(subs)).toEqual([7, 7, anytime, 7, 7, anytime]);
    send(subs[LISTENER], NOW, 3);
    expect(upTo(subs)).toEqual([3, 7, anytime, 3, 3, anytime]);
    send(subs[ROUTES], NOW, 2);
    expect(upTo(subs)).toEqual([2, 7, anytime, 3, 3, anytime]);
    send(subs[CLUSTER], NOW, 1);
    expect(upTo(subs)).toEqual([2, 1, anytime, 3, 1, anytime]);
  });

  it('wait for removals of what refers to them, too', () => {
    const subs = subscriptions();
    subs[CLUSTER]?.servedUpTo(9, 4);
    expect(removableUpTo(subs[ENDPOINTS] as Subscription, Object.values(subs))).toBe(7);
    const lagging = new Subscription(CLUSTER, new Store());
    lagging.servedUpTo(9, 4);
    expect(removableUpTo(subs[ENDPOINTS] as Subscription, [lagging])).toBe(4);
  });

  it('wait for what was asked for and not sent yet', () => {
    const subs = subscriptions();
    subs[ROUTES]?.fresh.add('r');
    expect(removableUpTo(subs[CLUSTER] as Subscription, Object.values(subs))).toBe(EVERYTHING);
  });

  it('stay back behind a refusal, and that is known', () => {
    const subs = subscriptions();
    const all = Object.values(subs);
    (subs[LISTENER] as Subscription).rejection = {
      answer: { type: LISTENER, version: '', nonce: '', from: 2, seq: 3, names: [] },
      error: { code: 1, message: '' },
      from: 2,
      culprits: undefined,
    };
    expect(upTo(subs)).toEqual([2, 7, anytime, 2, 2, anytime]);
    expect(TYPES.map((type) => isHeldByRejection(subs[type] as Subscription, all))).toEqual([true, true, false, true, true, false]);
  });

  it('of a client that comes back wait a while for the types that it has not asked for yet', () => {
    const { [CLUSTER]: clusters, [LISTENER]: listeners, [ROUTES]: routes } = subscriptions() as Record<string, Subscription>;
    const store = new Store();
    const wait = (...all: (Subscription | undefined)[]) => absentReferrersWait(clusters as Subscription, all as Subscription[], 500, PATIENCE, store);
    expect(wait(clusters)).toBe(0);
    if (clusters !== undefined) clusters.returning = true;
    expect(wait(clusters)).toBe(1500);
    expect(wait(clusters, listeners)).toBe(1500);
    expect(wait(clusters, listeners, routes)).toBe(0);
    expect(absentReferrersWait(clusters as Subscription, [], PATIENCE, PATIENCE, store)).toBe(0);
    store.publish([{ type: EXTENSION, name: 'f', resource: makeResource(EXTENSION, 'f', Buffer.from('f')) }]);
    expect(wait(clusters, listeners, routes)).toBe(1500);
    expect(wait(clusters, listeners, routes, new Subscription(EXTENSION, store))).toBe(0);
  });
});
