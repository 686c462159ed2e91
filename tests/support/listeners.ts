import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { CERTIFICATE, KEY } from '../../src/config/certificate.fixture.ts';
import { LISTENER_FIELDS, listenerSchema } from '../../src/model/listener-schema.ts';
import { parseOrThrow } from '../../src/model/validation.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { Json, JsonObject } from '../../src/proto/json.ts';
import type { Flavour } from '../../src/translator/config-source.ts';
import { type CertificateNames, listener } from '../../src/translator/listener.ts';
import { secret } from '../../src/translator/secret.ts';
import { FLAVOURS } from './translation.ts';

/** A listener and the names of its certificates in (in.yaml), the Envoy resource out by flavour (out.yaml), or what is wrong (error.yaml). */
export const LISTENERS_FOLDER = resolve(import.meta.dirname, '../golden/listeners');

export interface ListenerInput {
  readonly listener: unknown;
  readonly certificates?: readonly CertificateNames[];
  readonly onDemand?: boolean;
}

export function listenerCases(kind: 'good' | 'bad'): string[] {
  return readdirSync(LISTENERS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('error-') === (kind === 'bad'))
    .map((entry) => entry.name)
    .toSorted();
}

export function listenerInput(name: string): ListenerInput {
  return parse(readFileSync(join(LISTENERS_FOLDER, name, 'in.yaml'), 'utf8')) as ListenerInput;
}

/** Hosts are asked for on demand over ADS alone. */
export function flavoursOf({ onDemand = false }: ListenerInput): readonly Flavour[] {
  return onDemand ? ['ads'] : FLAVOURS;
}

export function listenerOutput(name: string): Partial<Record<Flavour, JsonObject>> {
  const file = join(LISTENERS_FOLDER, name, 'out.yaml');
  if (!existsSync(file)) throw new Error(`${name} has no out.yaml: make golden`);
  return parse(readFileSync(file, 'utf8')) as Partial<Record<Flavour, JsonObject>>;
}

const api = loadEnvoyApi();
const LISTENER = 'envoy.config.listener.v3.Listener';

/** As Envoy gets it: decoded from its bytes. @throws EnvoyageError where the input is wrong */
export function translatedListener({ listener: said, certificates = [], onDemand = false }: ListenerInput, flavour: Flavour): JsonObject {
  const parsed = parseOrThrow(listenerSchema, said, LISTENER_FIELDS);
  return api.decode(LISTENER, api.encode(LISTENER, listener(parsed, certificates, flavour, onDemand)));
}

/**
 * A bootstrap in which the listener stands with what it would ask for: an empty route table, and a secret for each certificate,
 * all of them the same.
 */
export function staticListener(made: JsonObject = {}, certificates: readonly CertificateNames[], others: readonly JsonObject[] = []): JsonObject {
  const inPlace = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(inPlace);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
      // Without a source it is looked for among the static ones.
      if (key === 'sdsConfig') return [];
      if (key === 'rds') return [['routeConfig', { name: 'empty' }]];
      return [[key, inPlace(item)]];
    });
    return Object.fromEntries(entries);
  };
  const secrets = [...others, ...certificates.map(({ name }) => secret({ name, cert: CERTIFICATE, key: KEY }))];
  return { staticResources: { listeners: [inPlace(made)], secrets } };
}
