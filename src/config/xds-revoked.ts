/** What `xds-revoked` lists. Hexadecimal in lower case, without colons; serials without leading zeros. */
export interface RevokedCertificates {
  readonly serials: ReadonlySet<string>;
  readonly fingerprints: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

const LINE = /^(serial|sha256|sha256 fingerprint|name)\s*=\s*(\S+)$/i;

/**
 * Reads `serial=HEX`, `sha256=HEX` (of the whole certificate) and `name=NAME`, one a line, as `openssl x509 -noout -serial` and
 * `-fingerprint -sha256` print them; lines that begin with # are comments.
 * @throws Error that says what is wrong, as the rest of a sentence that begins with the file
 */
export function parseRevoked(text: string): RevokedCertificates {
  const serials = new Set<string>();
  const fingerprints = new Set<string>();
  const names = new Set<string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, kind = '', value = ''] = LINE.exec(line) ?? [];
    const hex = value.replaceAll(':', '').toLowerCase();
    const where = `on line ${index + 1}`;
    if (kind === '') throw new Error(`has something else than serial=HEX, sha256=HEX or name=NAME ${where}`);
    if (/^name$/i.test(kind)) {
      names.add(value.includes('://') ? value : value.toLowerCase()).add(value);
      continue;
    }
    const isSerial = /^serial$/i.test(kind);
    if (!(isSerial ? /^[0-9a-f]{1,40}$/ : /^[0-9a-f]{64}$/).test(hex))
      throw new Error(`has no ${isSerial ? 'serial number' : 'SHA-256 fingerprint'} in hexadecimal ${where}`);
    if (isSerial) serials.add(hex.replace(/^0+(?=.)/, ''));
    else fingerprints.add(hex);
  }
  return { serials, fingerprints, names };
}
