import { describe, expect, it } from 'vitest';
import {
  CLUSTER,
  ENDPOINTS,
  EXTENSION,
  isWhole,
  KNOWN_TYPES,
  LISTENER,
  ROUTES,
  referrers,
  SECRET,
  SEND_ORDER,
  sendPlace,
  shortName,
  type TypeUrl,
  VIRTUAL_HOST,
} from './types.ts';

describe('types', () => {
  it('are sent in the order that the protocol asks for', () => {
    expect(SEND_ORDER.map(shortName)).toEqual(['cds', 'eds', 'ecds', 'lds', 'srds', 'rds', 'vhds']);
    expect([CLUSTER, ROUTES, SECRET, 'other'].map(sendPlace)).toEqual([0, 5, undefined, undefined]);
  });

  it('leave after what refers to them', () => {
    expect(referrers(CLUSTER)).toEqual([LISTENER, ROUTES, VIRTUAL_HOST, EXTENSION]);
    expect(referrers(ENDPOINTS)).toEqual([CLUSTER]);
    expect(referrers(LISTENER)).toEqual([]);
  });

  it('never wait for each other in a circle', () => {
    const above = (type: TypeUrl, path: readonly TypeUrl[]): void => {
      expect(path).not.toContain(type);
      for (const referrer of referrers(type)) above(referrer, [...path, type]);
    };
    for (const type of KNOWN_TYPES) above(type, []);
  });

  it('are whole in a state-of-the-world answer where the protocol says so', () => {
    expect(KNOWN_TYPES.filter(isWhole).map(shortName)).toEqual(['cds', 'lds', 'srds']);
  });

  it('without a short name go by their message', () => {
    expect(shortName('type.googleapis.com/envoy.config.endpoint.v3.LbEndpoint')).toBe('LbEndpoint');
  });
});
