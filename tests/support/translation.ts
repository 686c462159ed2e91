import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { parseHostPort } from '../../src/lib/address.ts';
import { SERVICE_FIELDS, servedBy, serviceSchema } from '../../src/model/service.ts';
import { parseOrThrow } from '../../src/model/validation.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import type { GroupView } from '../../src/rollout/group-view.ts';
import { GrpcView } from '../../src/rollout/grpc-view.ts';
import { TestDesired } from '../../src/rollout/testkit.ts';
import { Translations } from '../../src/rollout/translations.ts';
import { View } from '../../src/rollout/view.ts';
import type { Flavour } from '../../src/translator/config-source.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, type TypeUrl } from '../../src/xds/types.ts';

/** Services in (in.yaml), all the Envoy resources that come of them out (out.yaml), by flavour. */
export const GOLDEN_FOLDER = resolve(import.meta.dirname, '../golden/translator');

export const FLAVOURS: readonly Flavour[] = ['ads', 'separate'];

/** All that resources are made for: Envoys of both flavours, and gRPC clients. */
export type Audience = Flavour | 'grpc';
export const AUDIENCES: readonly Audience[] = [...FLAVOURS, 'grpc'];

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

export function goldenOutput(name: string): Record<Audience, Resources> {
  return parse(readFileSync(join(GOLDEN_FOLDER, name, 'out.yaml'), 'utf8')) as Record<Audience, Resources>;
}

const api = loadEnvoyApi();
const translator = createTranslator(api);

/** What an Envoy of the group is sent, or gRPC clients that ask for all there is, decoded from its bytes. */
export function translated(input: Input, audience: Audience): Resources {
  const { store } = audience === 'grpc' ? forGrpc(input) : forEnvoys(input, audience);
  const all = (type: TypeUrl): JsonObject[] =>
    [...store.resources(type)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, resource]) => {
        const { '@type': _, ...message } = api.decode('google.protobuf.Any', resource.any);
        return message;
      });
  return { listeners: all(LISTENER), routes: all(ROUTES), clusters: all(CLUSTER), endpoints: all(ENDPOINTS) };
}

function forEnvoys({ group = 'default', listener = '127.0.0.1:10000', services }: Input, flavour: Flavour): GroupView {
  const stored = store(services);
  const view = new View(group, flavour, new Translations(translator), translator);
  view.fill(stored, parseHostPort(listener, 1));
  return view;
}

/** Of a wildcard a client asks for some name under it. */
function forGrpc({ group = 'default', services: given }: Input): GroupView {
  const stored = store(given);
  const view = new GrpcView(group, new WeakMap(), translator);
  view.fill(stored);
  const services = [...stored.list()];
  const ids = services.map(({ id }) => id);
  const ask = (type: TypeUrl, names: readonly string[]): void => view.asked(type, {}, names);
  ask(
    LISTENER,
    services.flatMap(({ host }) => host?.replace(/^\*/, 'any') ?? []),
  );
  ask(
    CLUSTER,
    // Others' are there, too, when they are asked for, and empty.
    services.filter((each) => servedBy(each, group)).flatMap((each) => translator.grpcService(each).clusters.map(({ name }) => name)),
  );
  ask(ENDPOINTS, ids);
  ask(ROUTES, ids);
  return view;
}

function store(services: Input['services']): TestDesired {
  const about = { createdAt: '2026-11-21T06:00:00.000Z', updatedAt: '', updatedBy: '' };
  return new TestDesired(...services.map((each, i) => ({ ...parseOrThrow(serviceSchema, each, SERVICE_FIELDS), revision: i + 1, ...about })));
}
