import { describe, expect, it } from 'vitest';
import { describeEndpoint, endpointAddress, isAddress, NOWHERE, parseEndpoint } from './endpoint.ts';

describe('parseEndpoint', () => {
  it.each([
    ['web-a:5678', 'web-a:5678'],
    ['WEB_A:05678', 'web_a:5678'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['[::1]:80', '[::1]:80'],
    ['[0:0::1]:80', '[::1]:80'],
    ['bücher.example:80', 'xn--bcher-kva.example:80'],
    ['web.ns.svc.cluster.local.:80', 'web.ns.svc.cluster.local.:80'],
  ])('%s → %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toBe(endpoint);
    expect(parseEndpoint(endpoint)).toBe(endpoint);
  });

  it.each([
    ['http://web-a:5678', 'is a URL: leave out the scheme, as in web-a:5678'],
    ['unix:///run/web.sock', 'is a URL: leave out the scheme, as in web-a:5678'],
    ['web-a:0', 'has port 0, which is not within 1 to 65535'],
    ['web-a', 'lacks a port: write HOST:PORT'],
    ['web-a/path:80', 'has a host that has a label that is not made of letters, digits and inner hyphens ("web-a/path")'],
  ])('refuses %s', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(new Error(message));
  });
});

describe('describeEndpoint', () => {
  it('shows no address of what has none', () => {
    expect(describeEndpoint({ address: NOWHERE, state: 'disabled' })).toBe('nobody for now');
    expect(describeEndpoint({ address: '10.0.0.1:80', weight: 3, state: 'disabled' })).toBe('10.0.0.1:80 (weight 3, disabled)');
  });
});

describe('isAddress', () => {
  it.each([
    ['10.0.0.1:80', true],
    ['[::1]:80', true],
    ['[fe80::1%eth0]:80', true],
    ['web-a:80', false],
    ['localhost:80', false],
  ])('%s: %s', (endpoint, is) => {
    expect(isAddress(endpoint)).toBe(is);
  });
});

describe('endpointAddress', () => {
  it('is what parseEndpoint wrote', () => {
    expect(endpointAddress(parseEndpoint('[2001:DB8::1]:80'))).toEqual({ host: '2001:db8::1', port: 80 });
  });
});
