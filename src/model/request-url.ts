import { canonicalIp, toAsciiName } from '../lib/address.ts';
import type { SentRequest } from './seen-request.ts';

const MOST_LENGTH = 8192;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/s;

/**
 * What a client sends for a URL, as curl and browsers do it: a fragment stays at home, what is not ASCII is encoded.
 * @throws Error whose message says what is wrong, without repeating the text
 */
export function parseRequestUrl(text: string): Pick<SentRequest, 'scheme' | 'host' | 'port' | 'path'> {
  if (text.length > MOST_LENGTH) throw new Error(`is longer than ${MOST_LENGTH} characters`);
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw new Error('has a control character');
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(text) ?? [];
  if (scheme === undefined) throw new Error('does not begin with http:// or https://');
  const path = `${rest.startsWith('/') ? '' : '/'}${rest}`.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  return { scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', ...parseAuthority(authority), path };
}

/** `Name: value`; one named Host says which host is meant. @throws Error as above */
export function parseHeader(text: string): readonly [name: string, value: string] {
  const [, name, value = ''] = HEADER.exec(text) ?? [];
  if (name === undefined) throw new Error('is no header: write it as in "X-Version: 2"');
  if (/\p{Cc}/u.test(value.replaceAll('\t', ' '))) throw new Error('has a control character');
  return [name, value.trim()];
}

/** The request as it is sent, where a Host header takes the place of what the URL says. @throws Error as above */
export function sentRequest(url: string, method: string, headers: readonly string[]): SentRequest {
  const all = headers.map(parseHeader);
  const host = all.findLast(([name]) => name.toLowerCase() === 'host')?.[1];
  const { scheme, path, ...from } = parseRequestUrl(url);
  const others = all.filter(([name]) => name.toLowerCase() !== 'host');
  return { scheme, path, ...(host === undefined ? from : parseAuthority(host)), method: method.toUpperCase(), headers: others };
}

function parseAuthority(text: string): Pick<SentRequest, 'host' | 'port'> {
  if (text.includes('@')) throw new Error('has a user name: send it as a header');
  const [, name = '', digits = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text) ?? [];
  const ip = name.startsWith('[') ? canonicalIp(name.slice(1, -1)) : undefined;
  if (name === '' || (name.startsWith('[') && ip === undefined)) throw new Error('has no host');
  if (digits !== '' && (Number(digits) < 1 || Number(digits) > 65535)) throw new Error('has a port that is not within 1 to 65535');
  const host = ip === undefined ? toAsciiName(name) : `[${ip}]`;
  if (!/^[\x21-\x7e]+$/.test(host)) throw new Error('has a host that is none');
  return { host, ...(digits === '' ? {} : { port: Number(digits) }) };
}
