import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Issued {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

export interface Wanted {
  readonly cn?: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  /** IPv4. */
  readonly ips?: readonly string[];
  /** Hexadecimal, of a whole number of bytes, the first below 0x80; random unless given. */
  readonly serial?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY_MS = 86_400_000;

/** A certificate authority of the test: X.509 v3 with ECDSA on P-256 (RFC 5280), written by hand, since Node can only read it. */
export class Authority {
  readonly #name: Buffer;
  readonly #key: KeyObject;
  /** Its own certificate, PEM. */
  readonly cert: string;

  /** @param parent who signs it; itself unless given */
  constructor(name: string, parent?: Authority) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = distinguishedName(name);
    this.#key = privateKey;
    const isAuthority = extension('551d13', der(0x30, Buffer.from([1, 1, 0xff])), true);
    const signer = parent ?? this;
    this.cert = certificate({}, this.#name, publicKey, [isAuthority], signer.#name, signer.#key);
  }

  issue(wanted: Wanted): Issued {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { cn, dns = [], uris = [], ips = [] } = wanted;
    const names = [...uris.map((uri) => der(0x86, uri)), ...dns.map((name) => der(0x82, name))];
    names.push(...ips.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))));
    if (dns.includes('localhost')) names.push(der(0x87, Buffer.from([127, 0, 0, 1])));
    const extensions = names.length === 0 ? [] : [extension('551d11', der(0x30, ...names))];
    const subject = cn === undefined ? der(0x30) : distinguishedName(cn);
    return {
      cert: certificate(wanted, subject, publicKey, extensions, this.#name, this.#key),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }
}

function certificate(wanted: Wanted, subject: Buffer, publicKey: KeyObject, extensions: readonly Buffer[], issuer: Buffer, signer: KeyObject): string {
  const { serial = `01${randomBytes(8).toString('hex')}`, notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS) } = wanted;
  const algorithm = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from(serial, 'hex')),
    algorithm,
    issuer,
    der(0x30, utcTime(notBefore), utcTime(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, der(0x30, ...extensions))]),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const base64 = der(0x30, body, algorithm, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(cn: string): Buffer {
  return der(0x30, der(0x31, der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, cn))));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return der(0x30, der(0x06, Buffer.from(oid, 'hex')), ...(critical ? [Buffer.from([1, 1, 0xff])] : []), der(0x04, value));
}

function utcTime(time: Date): Buffer {
  return der(0x17, `${time.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`);
}

/** One element: tag, length, content (X.690 §8.1). */
function der(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/**
 * The lines of a key of {@link Authority} that nobody may ever read: of the three, the last one is of the public half, which
 * stands in the certificate as well.
 */
export function secretLines({ key = '' }: { readonly key?: string }): string[] {
  return key
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .slice(0, 2);
}
