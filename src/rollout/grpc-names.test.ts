import { describe, expect, it } from 'vitest';
import { hostOfListener, serviceOfCluster, wildcardsOf } from './grpc-names.ts';

describe('hostOfListener', () => {
  it.each([
    ['web.example.com', 'web.example.com'],
    ['web.example.com:443', 'web.example.com'],
    ['Web.Example.COM.:65535', 'web.example.com'],
    ['web', 'web'],
    ['web:80', 'web'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:80', '10.0.0.1'],
    ['[::1]', '[::1]'],
    ['[::1]:80', '[::1]'],
    ['::1', '[::1]'],
    ['[0:0::1]:80', '[::1]'],
    ['Bücher.example:80', 'xn--bcher-kva.example'],
  ])('takes %s for %s', (name, host) => {
    expect(hostOfListener(name)).toBe(host);
  });

  it.each([
    '',
    ':80',
    'web:http',
    'web:123456',
    'web.example.com/path',
    '*.example.com',
    '*',
    'xdstp://authority/envoy.config.listener.v3.Listener/web',
    'grpc/server?xds.resource.listening_address=0.0.0.0:80',
    'a b',
    '[::1',
  ])('finds no host in "%s"', (name) => {
    expect(hostOfListener(name)).toBeUndefined();
  });
});

describe('serviceOfCluster', () => {
  it.each([
    ['web.example.com', 'web.example.com'],
    ['web.example.com/web-a:80', 'web.example.com'],
    ['[::1]/addresses', '[::1]'],
  ])('of %s is %s', (name, id) => {
    expect(serviceOfCluster(name)).toBe(id);
  });
});

describe('wildcardsOf', () => {
  it('are the closest first', () => {
    expect([...wildcardsOf('a.b.c')]).toEqual(['*.b.c', '*.c']);
    expect([...wildcardsOf('web')]).toEqual([]);
  });
});
