import { describe, expect, it } from 'vitest';
import { hostAliases } from './host-aliases.ts';

describe('how virtual hosts are asked for', () => {
  it('takes every port and spelling of a host for the same', () => {
    const forms = ['http/web.example.com', 'http/Web.example.com:8080', 'http/web.example.com:'];
    expect(forms.map(hostAliases.canonical)).toEqual(forms.map(() => 'http/web.example.com'));
    expect(hostAliases.canonical('http/[::1]:80')).toBe('http/[::1]');
    expect(hostAliases.canonical('http/[::1]')).toBe('http/[::1]');
  });

  it('has a name that is nobody’s, in the namespace that Envoy watches', () => {
    // Envoy's namespace is what stands before the last slash (watch_map.cc).
    expect(hostAliases.nobody.slice(0, hostAliases.nobody.lastIndexOf('/'))).toBe('http');
    expect([hostAliases.patterns(hostAliases.nobody), hostAliases.isPattern(hostAliases.nobody)]).toEqual([[], false]);
  });

  it('names the patterns above a host, the narrowest first, and no pattern above itself', () => {
    expect(hostAliases.patterns('http/a.b.c')).toEqual(['http/*.b.c', 'http/*.c']);
    expect(hostAliases.patterns('http/*.b.c')).toEqual(['http/*.c']);
    expect([hostAliases.patterns('https/a.b'), hostAliases.patterns('a.b')]).toEqual([['https/*.b'], []]);
    expect([hostAliases.isPattern('http/*.b'), hostAliases.isPattern('http/a.b')]).toEqual([true, false]);
  });
});
