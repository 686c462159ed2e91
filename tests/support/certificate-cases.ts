import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { servedFromFiles, servedOf } from '../../src/daemon/certificate-source.ts';
import { CERTIFICATE_FIELDS, certificateSchema } from '../../src/model/certificate-schema.ts';
import { parseOrThrow } from '../../src/model/validation.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import type { CertificateNames } from '../../src/translator/listener.ts';
import { secret } from '../../src/translator/secret.ts';

/** A certificate in (in.yaml), with what its files hold; its secret and its names out (out.yaml), or what is wrong (error.yaml). */
export const CERTIFICATES_FOLDER = resolve(import.meta.dirname, '../golden/certificates');

export interface CertificateInput {
  readonly certificate: unknown;
  readonly files?: Readonly<Record<string, string>>;
}

export interface CertificateOutput {
  /** As Envoy gets it: decoded from its bytes. */
  readonly secret: JsonObject;
  /** What a listener has to know of it. */
  readonly names: CertificateNames;
}

export function certificateCases(kind: 'good' | 'bad'): string[] {
  return readdirSync(CERTIFICATES_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('error-') === (kind === 'bad'))
    .map((entry) => entry.name)
    .toSorted();
}

export function certificateInput(name: string): CertificateInput {
  return parse(readFileSync(join(CERTIFICATES_FOLDER, name, 'in.yaml'), 'utf8')) as CertificateInput;
}

export function certificateOutput(name: string): CertificateOutput {
  return parse(readFileSync(join(CERTIFICATES_FOLDER, name, 'out.yaml'), 'utf8')) as CertificateOutput;
}

const api = loadEnvoyApi();
const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';

/** @throws EnvoyageError where the input is wrong */
export function translatedCertificate({ certificate, files = {} }: CertificateInput): CertificateOutput {
  const wish = parseOrThrow(certificateSchema, certificate, CERTIFICATE_FIELDS);
  const { name, cert, key, certFile = '', keyFile = '' } = wish;
  const { material } =
    cert === undefined || key === undefined
      ? servedFromFiles(wish, [files[certFile], files[keyFile]])
      : servedOf(wish, { what: 'cert', text: cert }, { what: 'key', text: key });
  return { secret: api.decode(SECRET, api.encode(SECRET, secret({ name, cert: material.cert, key: material.key }))), names: { name, hosts: material.hosts } };
}
