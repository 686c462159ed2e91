import { X509Certificate } from 'node:crypto';
import type { OptionName, Options } from './options.ts';
import { pairFault } from './pair-fault.ts';
import { parseRevoked, type RevokedCertificates } from './xds-revoked.ts';
import { parseXdsTokens, type XdsToken } from './xds-tokens.ts';

/** The options that name files of the xDS server, which are read again when they change. */
export const XDS_FILES = ['xds-tls-cert', 'xds-tls-key', 'xds-client-ca', 'xds-token-file', 'xds-revoked'] as const;
export type XdsFile = (typeof XDS_FILES)[number];

/** What those files hold, as the xDS server takes it. */
export interface XdsSecurity {
  readonly tls: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa: Buffer | undefined } | undefined;
  readonly access: {
    readonly clientCa: readonly X509Certificate[] | undefined;
    readonly groupRules: readonly { readonly group: string; readonly pattern: string }[];
    readonly revoked: RevokedCertificates | undefined;
    readonly tokens: readonly XdsToken[] | undefined;
  };
}

export interface FileFault {
  readonly name: OptionName;
  /** The rest of a sentence that begins with the file. */
  readonly message: string;
}

/** @param contents of those files that are named in the options */
export function readXdsSecurity(contents: ReadonlyMap<OptionName, string>, { xdsClientGroups }: Pick<Options, 'xdsClientGroups'>): XdsSecurity | FileFault[] {
  const faults: FileFault[] = [];
  const parsed = <T>(name: XdsFile, parse: (text: string) => T): T | undefined => {
    const text = contents.get(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (thrown) {
      faults.push({ name, message: thrown instanceof Error ? thrown.message : String(thrown) });
      return undefined;
    }
  };
  const clientCa = parsed('xds-client-ca', parseAuthorities);
  const tokens = parsed('xds-token-file', parseXdsTokens);
  const revoked = parsed('xds-revoked', parseRevoked);
  const [cert, key, ca] = [contents.get('xds-tls-cert'), contents.get('xds-tls-key'), contents.get('xds-client-ca')];
  const wrongPair = cert === undefined || key === undefined ? undefined : pairFault(cert, key);
  if (wrongPair !== undefined) faults.push({ name: wrongPair.of === 'key' ? 'xds-tls-key' : 'xds-tls-cert', message: wrongPair.message });
  if (faults.length > 0) return faults;
  const tls =
    cert === undefined || key === undefined
      ? undefined
      : { cert: Buffer.from(cert), key: Buffer.from(key), clientCa: ca === undefined ? undefined : Buffer.from(ca) };
  return { tls, access: { clientCa, groupRules: xdsClientGroups.map(splitRule), revoked, tokens } };
}

function parseAuthorities(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error('holds no PEM certificate');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`holds a certificate that cannot be read, the ${index + 1}. of ${blocks.length}`);
    }
  });
}

/** `GROUP=PATTERN`, as the schema let it pass. */
function splitRule(text: string): { group: string; pattern: string } {
  const equals = text.indexOf('=');
  return { group: text.slice(0, equals), pattern: text.slice(equals + 1) };
}
