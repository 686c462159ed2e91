import { describe, expect, it } from 'vitest';
import { parseRequestUrl, sentRequest } from './request-url.ts';

describe('the request of a URL', () => {
  it.each([
    ['http://web.example.com', { scheme: 'http', host: 'web.example.com', path: '/' }],
    ['HTTPS://Web.Example.com:8443/a?b=c#d', { scheme: 'https', host: 'web.example.com', port: 8443, path: '/a?b=c' }],
    ['http://web.example.com?a', { scheme: 'http', host: 'web.example.com', path: '/?a' }],
    ['http://[0:0::1]:80/a/../b', { scheme: 'http', host: '[::1]', port: 80, path: '/a/../b' }],
    ['http://bücher.example/ü b', { scheme: 'http', host: 'xn--bcher-kva.example', path: '/%C3%BC%20b' }],
    ['http://a.example.:/', { scheme: 'http', host: 'a.example.', path: '/' }],
  ])('%s', (url, expected) => {
    expect(parseRequestUrl(url)).toEqual(expected);
  });

  it.each([
    ['web.example.com/a', 'does not begin with http:// or https://'],
    ['http:///a', 'has no host'],
    ['http://[web]/', 'has no host'],
    ['http://a:b@c/', 'has a user name: send it as a header'],
    ['http://a:0/', 'has a port that is not within 1 to 65535'],
    ['http://a/\n', 'has a control character'],
    [`http://a/${'a'.repeat(9000)}`, 'is longer than 8192 characters'],
  ])('is none of %j', (url, message) => {
    expect(() => parseRequestUrl(url)).toThrow(message);
  });

  it('has the headers, and the host that one of them names', () => {
    const expected = { scheme: 'http', host: 'web.example.com', port: 81, path: '/', method: 'POST', headers: [['X-A', 'b: c']] };
    expect(sentRequest('http://127.0.0.1:10000/', 'post', ['Host: web.example.com:81', 'X-A:  b: c '])).toEqual(expected);
    expect(() => sentRequest('http://a/', 'GET', ['X-A'])).toThrow('is no header');
    expect(() => sentRequest('http://a/', 'GET', ['X-A: a\r\nb'])).toThrow('has a control character');
  });
});
