import { readFileSync, statSync } from 'node:fs';
import { readFault } from '../lib/read-fault.ts';
import type { Certificate } from '../model/certificate.ts';
import { type CertificateFacts, certificateFacts, serverNames } from '../model/certificate-facts.ts';
import { pairFault, parseChain, parseKey } from '../model/pem.ts';
import type { Material } from '../rollout/materials.ts';
import { isPlainFile } from './watched-files.ts';

/** A pair that can be served, and what is known of it. */
export interface Served {
  readonly material: Material;
  readonly facts: CertificateFacts;
}

/** What stands in the way of serving a certificate, a sentence that says nothing of its key. */
export class CertificateFault extends Error {
  override readonly name = 'CertificateFault';
}

/** @throws CertificateFault */
export function servedOf({ hosts }: Certificate, cert: Said, key: Said): Served {
  const chain = read(cert, parseChain);
  const { pem, key: parsed } = read(key, parseKey);
  const fault = pairFault(chain, parsed);
  if (fault !== undefined) throw new CertificateFault(`${key.what} ${fault}`);
  return { material: { cert: chain.pem, key: pem, hosts: hosts ?? serverNames(chain.leaf) }, facts: certificateFacts(chain.leaf) };
}

export interface Said {
  /** What a message calls it. */
  readonly what: string;
  readonly text: string;
}

function read<T>({ what, text }: Said, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (thrown) {
    throw new CertificateFault(`${what} ${thrown instanceof Error ? thrown.message : 'is not valid'}`);
  }
}

/** The two paths of a certificate that is in files. */
export function filesOf({ certFile, keyFile }: Certificate): readonly [certFile: string, keyFile: string] | undefined {
  return certFile === undefined || keyFile === undefined ? undefined : [certFile, keyFile];
}

/** @param contents of the two files; undefined for one that could not be read @throws CertificateFault */
export function servedFromFiles(certificate: Certificate, contents: readonly (string | undefined)[]): Served {
  const [certPath = '', keyPath = ''] = filesOf(certificate) ?? [];
  const said = (what: string, path: string, text: string | undefined): Said => {
    if (text === undefined) throw new CertificateFault(`${what} "${path}" ${whyUnreadable(path)}`);
    return { what: `${what} "${path}"`, text };
  };
  return servedOf(certificate, said('certFile', certPath, contents[0]), said('keyFile', keyPath, contents[1]));
}

/** Asked once more, for the reason. */
function whyUnreadable(path: string): string {
  try {
    if (!isPlainFile(statSync(path))) return 'is no file, or far too large';
    readFileSync(path);
    return 'could not be read';
  } catch (thrown) {
    return readFault(thrown);
  }
}

export function readFiles(paths: readonly string[]): (string | undefined)[] {
  return paths.map((path) => {
    try {
      return isPlainFile(statSync(path)) ? readFileSync(path, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  });
}
