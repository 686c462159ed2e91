import { describe, expect, it } from 'vitest';
import { canonicalIp, dnsNameFault, formatHostPort, isLoopback, parseHostPort, toAsciiName } from './address.ts';

describe('parseHostPort', () => {
  it.each([
    ['web-a:5678', 'web-a', 5678],
    ['WEB-A:1', 'web-a', 1],
    ['web_a:65535', 'web_a', 65535],
    ['_srv._tcp.example.com:80', '_srv._tcp.example.com', 80],
    ['127.0.0.1:00080', '127.0.0.1', 80],
    ['[::1]:80', '::1', 80],
    ['[2001:DB8::0:1]:80', '2001:db8::1', 80],
    ['[0:0:0:0:0:0:0:1]:80', '::1', 80],
    ['[::ffff:7f00:1]:80', '127.0.0.1', 80],
    ['[::FFFF:10.0.0.1]:80', '10.0.0.1', 80],
    ['[FE80::1%eth0]:80', 'fe80::1%eth0', 80],
    ['[fe80::1%enP2p1s0]:80', 'fe80::1%enP2p1s0', 80],
    ['bücher.example:80', 'xn--bcher-kva.example', 80],
    ['Bücher.example:80', 'xn--bcher-kva.example', 80],
    ['web.ns.svc.cluster.local.:80', 'web.ns.svc.cluster.local.', 80],
    [`${'a'.repeat(63)}.b:80`, `${'a'.repeat(63)}.b`, 80],
    [`${'a.'.repeat(126)}a:80`, `${'a.'.repeat(126)}a`, 80],
  ])('reads %s', (text, host, port) => {
    const read = parseHostPort(text, 1);
    expect(read).toEqual({ host, port });
    expect(parseHostPort(formatHostPort(read), 1)).toEqual(read);
  });

  it.each([
    ['', 'lacks a port: write HOST:PORT'],
    ['web-a', 'lacks a port: write HOST:PORT'],
    ['web-a:', 'lacks a port: write HOST:PORT'],
    ['[::1]', 'lacks a port: write HOST:PORT'],
    ['[::1]80', 'lacks a port: write HOST:PORT'],
    [':80', 'has a host that is empty'],
    ['.:80', 'has a host that is empty'],
    ['web-a:http', 'has a port that is not a number ("http")'],
    ['web-a:80/path', 'has a port that is not a number ("80/path")'],
    ['web-a: 80', 'has a port that is not a number (" 80")'],
    ['web-a:-1', 'has a port that is not a number ("-1")'],
    ['web-a:8e1', 'has a port that is not a number ("8e1")'],
    ['web-a:٨٠', 'has a port that is not a number ("٨٠")'],
    ['web-a:80\n', 'has a port that is not a number ("80\n")'],
    ['[::1]:80\n', 'has a port that is not a number ("80\n")'],
    ['web-a:0', 'has port 0, which is not within 1 to 65535'],
    ['web-a:70000', 'has port 70000, which is not within 1 to 65535'],
    ['web-a:9999999999', 'has port 9999999999, which is not within 1 to 65535'],
    ['::1:80', 'is an IPv6 address without brackets: write [ADDRESS]:PORT'],
    ['::1', 'is an IPv6 address without brackets: write [ADDRESS]:PORT'],
    ['2001:db8::1:5678', 'is an IPv6 address without brackets: write [ADDRESS]:PORT'],
    ['a:b:80', 'has too many colons'],
    ['[web-a]:80', 'has brackets around something that is not an IPv6 address'],
    ['[127.0.0.1]:80', 'has brackets around something that is not an IPv6 address'],
    ['[]:80', 'has brackets around something that is not an IPv6 address'],
    ['256.0.0.1:80', 'has a host that looks like an IP address but is not one'],
    ['1.2.3:80', 'has a host that looks like an IP address but is not one'],
    ['127.0.0.01:80', 'has a host that looks like an IP address but is not one'],
    ['a..b:80', 'has a host that has an empty label (a dot too many)'],
    ['a..:80', 'has a host that has an empty label (a dot too many)'],
    ['-a.b:80', 'has a host that has a label that is not made of letters, digits and inner hyphens ("-a")'],
    ['a b:80', 'has a host that has a label that is not made of letters, digits and inner hyphens ("a b")'],
    ['user@web-a:80', 'has a host that has a label that is not made of letters, digits and inner hyphens ("user@web-a")'],
    ['*.example.com:80', 'has a host that has a label that is not made of letters, digits and inner hyphens ("*")'],
    [`${'a'.repeat(64)}.b:80`, `has a host that has a label longer than 63 characters ("${'a'.repeat(20)}…")`],
    [`${'a.'.repeat(127)}a:80`, 'has a host that is longer than 253 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => parseHostPort(text, 1)).toThrow(new Error(message));
  });

  it('makes short work of what is much too long', () => {
    for (const letter of ['x', 'ü', '.'])
      expect(() => parseHostPort(`${letter.repeat(5_000_000)}:80`, 1)).toThrow(new Error('has a host that is longer than 253 characters'));
    expect(() => parseHostPort(`x:${'1'.repeat(5_000_000)}`, 1)).toThrow(new Error(`has a port that is not a number ("${'1'.repeat(20)}")`));
  });

  it('takes port 0 only where any free port makes sense', () => {
    expect(parseHostPort('127.0.0.1:0', 0)).toEqual({ host: '127.0.0.1', port: 0 });
    expect(() => parseHostPort('127.0.0.1:65536', 0)).toThrow('has port 65536, which is not within 0 to 65535');
  });
});

describe('toAsciiName', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['ＷＷＷ.Example.com', 'www.example.com'],
    ['faß.de', 'xn--fa-hia.de'],
    ['ü.example。', 'xn--tda.example.'],
    ['☃.net', 'xn--n3h.net'],
    // Those of a URL's host would be cut off or decoded.
    ['ü?x', 'ü?x'],
    ['ü#x', 'ü#x'],
    ['ü\\x', 'ü\\x'],
    ['ex%41mple.ü', 'ex%41mple.ü'],
    ['a b.ü', 'a b.ü'],
    // What UTS #46 does not allow.
    ['\u200dü.de', '\u200dü.de'],
    ['xn--ü', 'xn--ü'],
  ])('%s → %s', (name, ascii) => {
    expect(toAsciiName(name)).toBe(ascii);
  });

  it('leaves to dnsNameFault what has no ASCII form', () => {
    for (const name of ['ü?x', 'ex%41mple.ü', '\u200dü.de', 'ü\u0000']) expect(dnsNameFault(toAsciiName(name))).toContain('has a label that is not made of');
  });
});

describe('canonicalIp', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0:1::1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::', '::'],
    ['fe80:0::1%eth0', 'fe80::1%eth0'],
    ['010.0.0.1', undefined],
    ['10.1', undefined],
    ['[::1]', undefined],
    ['localhost', undefined],
    ['', undefined],
  ])('%s → %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });
});

describe('isLoopback', () => {
  it.each([
    '127.0.0.1',
    '127.255.3.4',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'web-a.localhost',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::FFFF:7f00:1',
    '[::ffff:127.0.0.1]',
  ])('%s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '',
    '0.0.0.0',
    '::',
    '128.0.0.1',
    '10.0.0.1',
    '::2',
    'fe80::1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    'localhost.example.com',
    'notlocalhost',
    '127.0.0.1.example.com',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '[::1',
    '::1]',
  ])('not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
