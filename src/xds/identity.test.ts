import { describe, expect, it } from 'vitest';
import { AccessError, type Groups, groupFor, identify, matches } from './identity.ts';

const names = (uris: string[], dns: string[] = [], cn?: string) => ({ uris, dns, cn });

describe('who a certificate is', () => {
  it.each([
    [names(['spiffe://example.com/ns/prod/sa/edge'], ['core.example.com'], 'other'), 'edge'],
    [names([], ['core.example.com'], 'edge'), 'core'],
    [names([], [], 'edge'), 'edge'],
    [names([], [], 'edge.example.com'), 'edge'],
  ])('without rules its first name says: %j', (certificate, group) => {
    expect(identify(certificate, [])).toMatchObject({ kind: 'certificate', groups: [group] });
  });

  it.each([
    [names([]), /^has no name/],
    [names(['spiffe://example.com']), /^"spiffe:\/\/example\.com" gives no group/],
    [names(['spiffe://example.com/'], ['edge.example.com']), /gives no group/],
    [names([], [], 'a b'), /gives no group/],
  ])('without rules it may be nobody: %j', (certificate, message) => {
    expect(identify(certificate, [])).toMatch(message);
  });

  it('with rules, each that one of its names matches gives a group', () => {
    const rules = [
      { group: 'edge', pattern: 'spiffe://example.com/edge/*' },
      { group: 'web', pattern: '*.web.example.com' },
      { group: '*', pattern: 'admin.example.com' },
    ];
    const certificate = names(['spiffe://example.com/other', 'spiffe://example.com/edge/1'], ['a.web.example.com']);
    expect(identify(certificate, rules)).toEqual({ kind: 'certificate', name: 'spiffe://example.com/edge/1', groups: ['edge', 'web'] });
    expect(identify(names([], ['admin.example.com']), rules)).toMatchObject({ groups: 'any' });
    expect(identify(names([], ['edge.example.com']), rules)).toBe('"edge.example.com" matches no rule of --xds-client-group');
    // The common name counts only where there is nothing better.
    expect(identify(names([], ['edge.example.com'], 'admin.example.com'), rules)).toBeTypeOf('string');
  });
});

describe('a pattern', () => {
  it.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'A.Example.com', true],
    ['*.example.com', 'a.b.example.com', false],
    ['**.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['a.example.com', 'axexample.com', false],
    ['a.example.com', 'a.example.com.evil.org', false],
    ['spiffe://example.com/edge/*', 'spiffe://example.com/edge/1', true],
    ['spiffe://example.com/edge/*', 'spiffe://example.com/edge/1/2', false],
    ['spiffe://example.com/edge/**', 'spiffe://example.com/edge/1/2', true],
    ['spiffe://example.com/Edge', 'spiffe://example.com/edge', false],
    ['spiffe://*/edge', 'spiffe://example.com/edge', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });
});

describe('the group of a node', () => {
  const identity = (groups: Groups) => ({ kind: 'certificate', name: 'n', groups }) as const;

  it.each<[Groups | undefined, string, string]>([
    [undefined, 'edge', 'edge'],
    [undefined, '', 'default'],
    ['any', 'edge', 'edge'],
    ['any', '', 'default'],
    [['edge'], 'edge', 'edge'],
    [['edge'], '', 'edge'],
    [['edge', 'core'], 'core', 'core'],
    [['edge', 'default'], '', 'default'],
  ])('of %j that claims "%s" is %s', (groups, claimed, group) => {
    expect(groupFor(groups === undefined ? undefined : identity(groups), claimed, 'default')).toBe(group);
  });

  it.each([
    [['edge'], 'core', 'the certificate "n" is for group "edge", and not for group "core"'],
    [['edge', 'core'], '', 'the certificate "n" is for groups "edge", "core", and not for group "default"'],
  ])('of %j cannot be "%s"', (groups, claimed, message) => {
    expect(() => groupFor(identity(groups), claimed, 'default')).toThrow(new AccessError(message));
  });
});
