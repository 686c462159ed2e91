import { readFile } from 'node:fs/promises';
import { systemCode } from '../../lib/errors.ts';
import { RestFault } from './fault.ts';
import type { RestOptions } from './options.ts';

/** What a request carries of what only its server may know. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Tls;
}

export interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

type Files = Pick<RestOptions, 'tokenFile' | 'basicFile' | 'headerFile' | 'ca' | 'cert' | 'key'>;

/**
 * Reads the files of the options.
 * @throws RestFault that names the file and nothing of what is in it
 */
export async function readCredentials({ tokenFile, basicFile, headerFile, ca, cert, key }: Files): Promise<Credentials> {
  const [token, basic, more, ...pems] = await Promise.all([read(tokenFile), read(basicFile), read(headerFile), read(ca), read(cert), read(key)]);
  const headers: Record<string, string> = {};
  if (headerFile !== undefined && more !== undefined) Object.assign(headers, headersIn(more.toString('utf8'), headerFile));
  if (basicFile !== undefined && basic !== undefined) {
    const text = basic.toString('utf8').replace(/\r?\n$/, '');
    if (!/^[^:\r\n]+:[^\r\n]*$/.test(text)) throw new RestFault(`${basicFile} should hold USER:PASSWORD`);
    headers['authorization'] = `Basic ${Buffer.from(text).toString('base64')}`;
  }
  if (tokenFile !== undefined && token !== undefined) {
    const text = token.toString('utf8').trim();
    if (!/^[\x21-\x7e]+$/.test(text)) throw new RestFault(`${tokenFile} should hold a token, which is one word`);
    headers['authorization'] = `Bearer ${text}`;
  }
  const [caPem, certPem, keyPem] = pems;
  const tls = {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
  };
  return { headers, tls };
}

async function read(path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new RestFault(`${path} cannot be read: ${systemCode(thrown) ?? 'it is no file'}`, { cause: thrown });
  }
}

/** Headers, `NAME: VALUE` a line; empty lines and those that begin with # say nothing. What it says of a line is its number alone. */
export function headersIn(text: string, file: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new RestFault(`${file}:${index + 1}: a header is written NAME: VALUE`);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
