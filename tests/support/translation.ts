import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { parseHostPort } from '../../src/lib/address.ts';
import { SERVICE_FIELDS, type StoredService, serviceSchema } from '../../src/model/service.ts';
import { parseOrThrow } from '../../src/model/validation.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { Translations } from '../../src/rollout/translations.ts';
import { View } from '../../src/rollout/view.ts';
import type { Flavour } from '../../src/translator/config-source.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, type TypeUrl } from '../../src/xds/types.ts';

/** Services in (in.yaml), all the Envoy resources that come of them out (out.yaml), by flavour. */
export const GOLDEN_FOLDER = resolve(import.meta.dirname, '../golden/translator');

export const FLAVOURS: readonly Flavour[] = ['ads', 'separate'];

export interface Input {
  readonly group?: string;
  readonly listener?: string;
  readonly services: readonly unknown[];
}

/** Canonical JSON, each list by name. */
export interface Resources {
  readonly listeners: readonly JsonObject[];
  readonly routes: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
  readonly endpoints: readonly JsonObject[];
}

export function goldenCases(): string[] {
  return readdirSync(GOLDEN_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

export function goldenInput(name: string): Input {
  return parse(readFileSync(join(GOLDEN_FOLDER, name, 'in.yaml'), 'utf8')) as Input;
}

export function goldenOutput(name: string): Record<Flavour, Resources> {
  return parse(readFileSync(join(GOLDEN_FOLDER, name, 'out.yaml'), 'utf8')) as Record<Flavour, Resources>;
}

const api = loadEnvoyApi();
const translator = createTranslator(api);

/** What an Envoy of the group is sent, decoded from its bytes. */
export function translated({ group = 'default', listener = '127.0.0.1:10000', services }: Input, flavour: Flavour): Resources {
  const stored = services.map(
    (each, i): StoredService => ({ ...parseOrThrow(serviceSchema, each, SERVICE_FIELDS), revision: i + 1, createdAt: '', updatedAt: '', updatedBy: '' }),
  );
  const view = new View(group, flavour, new Translations(translator), translator);
  view.fill({ revision: stored.length, get: (id) => stored.find((each) => each.id === id), list: () => stored }, parseHostPort(listener, 1));
  const all = (type: TypeUrl): JsonObject[] =>
    [...view.store.resources(type)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, resource]) => {
        const { '@type': _, ...message } = api.decode('google.protobuf.Any', resource.any);
        return message;
      });
  return { listeners: all(LISTENER), routes: all(ROUTES), clusters: all(CLUSTER), endpoints: all(ENDPOINTS) };
}
