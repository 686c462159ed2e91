import { describe, expect, it } from 'vitest';
import { CLUSTER, ENDPOINTS, isWhole, KNOWN_TYPES, LISTENER, ROUTES, referrers, SECRET, SEND_ORDER, sendPlace, shortName, VIRTUAL_HOST } from './types.ts';

describe('types', () => {
  it('are sent in the order that the protocol asks for', () => {
    expect(SEND_ORDER.map(shortName)).toEqual(['cds', 'eds', 'lds', 'rds', 'vhds']);
    expect([CLUSTER, ROUTES, SECRET, 'other'].map(sendPlace)).toEqual([0, 3, undefined, undefined]);
  });

  it('leave after what refers to them', () => {
    expect(referrers(CLUSTER)).toEqual([LISTENER, ROUTES, VIRTUAL_HOST]);
    expect(referrers(ENDPOINTS)).toEqual([CLUSTER]);
    expect(referrers(LISTENER)).toEqual([]);
  });

  it('are whole in a state-of-the-world answer where the protocol says so', () => {
    expect(KNOWN_TYPES.filter(isWhole).map(shortName)).toEqual(['cds', 'lds']);
  });

  it('without a short name go by their message', () => {
    expect(shortName('type.googleapis.com/envoy.service.runtime.v3.Runtime')).toBe('Runtime');
  });
});
