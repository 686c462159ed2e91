import { describe, expect, it } from 'vitest';
import { parseHost } from './host.ts';
import { idSchema } from './service.ts';

const LONGEST = `${'a.'.repeat(126)}a`;
const LONGEST_UNDER_WILDCARD = `*.${'a.'.repeat(125)}a`;

const GOOD: [string, string][] = [
  ['web.example.com', 'web.example.com'],
  ['WEB.Example.COM', 'web.example.com'],
  ['web', 'web'],
  ['a', 'a'],
  ['_dmarc.my_host.example', '_dmarc.my_host.example'],
  ['web.example.com.', 'web.example.com'],
  ['*.example.com', '*.example.com'],
  ['*.Example.com.', '*.example.com'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['faß.de', 'xn--fa-hia.de'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '[::1]'],
  ['::1', '[::1]'],
  ['[2001:DB8:0::1]', '[2001:db8::1]'],
  ['[::ffff:10.0.0.1]', '[::ffff:10.0.0.1]'],
  ['1and1.example', '1and1.example'],
  ['1.2.3.example', '1.2.3.example'],
  [LONGEST, LONGEST],
  [LONGEST_UNDER_WILDCARD, LONGEST_UNDER_WILDCARD],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
];

describe('parseHost', () => {
  it.each(GOOD)('%s → %s', (text, host) => {
    expect(parseHost(text)).toBe(host);
  });

  it.each(GOOD)('of %s is canonical, and can be an id', (_, host) => {
    expect(parseHost(host)).toBe(host);
    expect(idSchema.safeParse(host)).toMatchObject({ success: true });
  });

  it.each([
    ['', 'is empty'],
    ['.', 'is empty'],
    ['*.', 'is empty'],
    ['http://web.example.com', 'is a URL: leave out the scheme, as in web.example.com'],
    ['HTTPS://web.example.com/', 'is a URL: leave out the scheme, as in web.example.com'],
    ['web.example.com/path', 'has a path: a host is a name alone, as in web.example.com'],
    ['web.example.com/', 'has a path: a host is a name alone, as in web.example.com'],
    ['web.example.com:8080', 'has a port: a host matches requests to any port, as in web.example.com'],
    ['web.example.com:', 'has a port: a host matches requests to any port, as in web.example.com'],
    ['127.0.0.1:80', 'has a port: a host matches requests to any port, as in web.example.com'],
    ['[::1]:80', 'has a port: a host matches requests to any port, as in web.example.com'],
    ['*:80', 'has a port: a host matches requests to any port, as in web.example.com'],
    ['*', 'has a * that is not the whole first label, as in *.example.com'],
    ['web.*', 'has a * that is not the whole first label, as in *.example.com'],
    ['*web.example.com', 'has a * that is not the whole first label, as in *.example.com'],
    ['*.*.example.com', 'has a * that is not the whole first label, as in *.example.com'],
    ['256.1.1.1', 'looks like an IP address but is not one'],
    ['1.2.3', 'looks like an IP address but is not one'],
    ['*.1.2.3.4', 'looks like an IP address but is not one'],
    ['web..example.com', 'has an empty label (a dot too many)'],
    ['web.example.com..', 'has an empty label (a dot too many)'],
    ['.example.com', 'has an empty label (a dot too many)'],
    ['web-.example.com', 'has a label that is not made of letters, digits and inner hyphens ("web-")'],
    ['we b.example.com', 'has a label that is not made of letters, digits and inner hyphens ("we b")'],
    [' web', 'has a label that is not made of letters, digits and inner hyphens (" web")'],
    ['web\n', 'has a label that is not made of letters, digits and inner hyphens ("web\n")'],
    ['web.example.com?x=1', 'has a label that is not made of letters, digits and inner hyphens ("com?x=1")'],
    ['ann@example.com', 'has a label that is not made of letters, digits and inner hyphens ("ann@example")'],
    // Those would come out of domainToASCII shorter than they went in.
    ['bücher.example?x', 'has a label that is not made of letters, digits and inner hyphens ("bücher")'],
    ['bücher.example#x', 'has a label that is not made of letters, digits and inner hyphens ("bücher")'],
    ['b%41ücher.example', 'has a label that is not made of letters, digits and inner hyphens ("b%41ücher")'],
    ['[127.0.0.1]', 'has a label that is not made of letters, digits and inner hyphens ("[127")'],
    ['[web]', 'has a label that is not made of letters, digits and inner hyphens ("[web]")'],
    ['[web', 'has a label that is not made of letters, digits and inner hyphens ("[web")'],
    ['fe80::1%eth0', 'has a label that is not made of letters, digits and inner hyphens ("fe80::1%eth0")'],
    [`${'a'.repeat(64)}.example`, `has a label longer than 63 characters ("${'a'.repeat(20)}…")`],
    [`a${LONGEST}`, 'is longer than 253 characters'],
    // No name under it could be short enough to be asked for.
    [`*.${'a.'.repeat(125)}aa`, 'is longer than 253 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => parseHost(text)).toThrow(new Error(message));
  });

  it.each(['[::1', '::1]', '[[::1]]', '[fe80::1%eth0]', '1::2::3'])('refuses %s', (text) => {
    expect(() => parseHost(text)).toThrow();
  });

  it('makes short work of what is much too long', () => {
    for (const letter of ['x', 'ü', '*', '.']) expect(() => parseHost(`x${letter.repeat(5_000_000)}`)).toThrow(/^(is longer than 253 characters|has a \* .*)$/);
  });
});
