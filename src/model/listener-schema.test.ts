import { describe, expect, it } from 'vitest';
import { refused } from '../../tests/support/refusal.ts';
import { LISTENER_FIELDS, listenerSchema } from './listener-schema.ts';
import { parseOrThrow } from './validation.ts';

const head = { kind: 'Listener', name: 'web', address: '0.0.0.0:443' };
const parse = (input: unknown) => parseOrThrow(listenerSchema, input, LISTENER_FIELDS);

const faults = (input: unknown): readonly string[] => refused(() => parse(input))?.errors.map(({ field, message }) => `${field}: ${message}`) ?? [];

describe('a listener', () => {
  it.each([
    [head, { ...head, protocol: 'http' }],
    [
      { ...head, protocol: 'http', redirectToHttps: false, labels: {}, revision: 3 },
      { ...head, protocol: 'http' },
    ],
    [
      { ...head, certificates: ['b', 'a', 'b'] },
      { ...head, protocol: 'https', certificates: ['b', 'a'] },
    ],
    [
      { ...head, certificates: ['a'], minTls: '1.2' },
      { ...head, protocol: 'https', certificates: ['a'] },
    ],
    [
      { ...head, certificates: ['a'], minTls: 1.2 },
      { ...head, protocol: 'https', certificates: ['a'] },
    ],
    [
      { ...head, certificates: ['a'], minTls: 1.3 },
      { ...head, protocol: 'https', certificates: ['a'], minTls: '1.3' },
    ],
    [
      { ...head, redirectToHttps: 443 },
      { ...head, protocol: 'http', redirectToHttps: true },
    ],
    [
      { ...head, redirectToHttps: 8443 },
      { ...head, protocol: 'http', redirectToHttps: 8443 },
    ],
    [
      { ...head, address: '[0:0::1]:80', groups: ['b', 'a'] },
      { ...head, address: '[::1]:80', protocol: 'http', groups: ['a', 'b'] },
    ],
  ])('has one form, whatever way it is written (%#)', (input, wanted) => {
    expect(parse(input)).toEqual(wanted);
    expect(parse(wanted)).toEqual(wanted);
  });

  it.each([
    [[], ': a listener must be an object, as in {"kind":"Listener","name":"web","address":"0.0.0.0:80"}'],
    [{ ...head, kind: 'Listner' }, '/kind: kind must be "Listener"'],
    [{ ...head, name: 'a/b' }, '/name: the name must be 1 to 253 lower-case letters, digits, dots, hyphens or underscores, or a host'],
    [{ kind: 'Listener', name: 'web' }, '/address: "address" is missing'],
    [{ ...head, address: 'web:443' }, '/address: the address "web:443" must have an IP address as its host, as in 0.0.0.0:443'],
    [{ ...head, address: '0.0.0.0:0' }, '/address: the address "0.0.0.0:0" has port 0, which is not within 1 to 65535'],
    [{ ...head, adress: 'x' }, '/adress: unknown field "adress" (did you mean "address"?)'],
    [{ ...head, protocol: 'tcp' }, '/protocol: protocol must be "http" or "https"'],
    [{ ...head, protocol: 'https' }, '/certificates: https needs at least one certificate, as in ["web"]'],
    [{ ...head, protocol: 'http', certificates: ['a'] }, '/certificates: certificates are for https: leave protocol out, or say "https"'],
    [{ ...head, certificates: [] }, '/certificates: certificates must name at least one'],
    [{ ...head, certificates: 'a' }, '/certificates: certificates must be a list of names, as in ["web"]'],
    [{ ...head, minTls: '1.3' }, '/minTls: minTls is for https'],
    [{ ...head, certificates: ['a'], minTls: '1.1' }, '/minTls: minTls must be "1.2" or "1.3"'],
    [{ ...head, certificates: ['a'], redirectToHttps: true }, '/redirectToHttps: redirectToHttps is for http: this listener speaks https already'],
    [{ ...head, redirectToHttps: 0 }, '/redirectToHttps: redirectToHttps must be true, or the port of https, from 1 to 65535'],
  ])('is refused where it is wrong (%#)', (input, message) => {
    expect(faults(input)).toEqual([message]);
  });
});
