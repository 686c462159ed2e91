import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import protojson from 'protobufjs/ext/protojson.js';
import { readAsset } from '../lib/assets.ts';
import { type Annotations, readAnnotations } from './annotations.ts';
import { Constraints } from './constraints.ts';
import { type Fault, unknownMessage } from './fault.ts';
import { type Json, type JsonObject, typeNamesIn } from './json.ts';
import { type Finder, jsonFaults, jsonNameOf } from './json-faults.ts';
import { redact } from './redact.ts';

/**
 * Envoy's v3 API, every message of it, between canonical JSON (proto3's JSON mapping) and bytes.
 *
 * The descriptor set is large (559 files): what the translator speaks is a small closure of it that loads in a quarter
 * of the time and memory; the whole is loaded when something outside that closure is first asked for.
 */
export interface EnvoyApi {
  /** @throws Error that names the path of an unknown field, a bad enum or a bad number */
  encode(typeName: string, json: JsonObject): Buffer;
  /** @throws Error where the bytes are not a message of that type */
  decode(typeName: string, bytes: Uint8Array): JsonObject;
  /** True where the API has such a message. */
  has(typeName: string): boolean;
  /** True where the message has a field of that name, canonically spelt. */
  hasField(typeName: string, field: string): boolean;
  /** Everything that keeps the JSON from being such a message, or Envoy from taking it; for what people wrote, as it is slow. */
  faults(typeName: string, json: JsonObject): readonly Fault[];
  /** The message without its secrets, to be shown to people. @param json canonical, as {@link decode} gives it */
  redact(typeName: string, json: JsonObject): JsonObject;
}

/** The files whose closure the translator needs; anything else is found in the whole set. */
const CORE_FILES = [
  'envoy/config/cluster/v3/cluster.proto',
  'envoy/config/endpoint/v3/endpoint.proto',
  'envoy/config/listener/v3/listener.proto',
  'envoy/config/route/v3/route.proto',
  'envoy/extensions/clusters/aggregate/v3/cluster.proto',
  'envoy/extensions/filters/http/on_demand/v3/on_demand.proto',
  'envoy/extensions/filters/http/router/v3/router.proto',
  'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
  'envoy/extensions/transport_sockets/tls/v3/tls.proto',
  'envoy/extensions/upstreams/http/v3/http_protocol_options.proto',
];

type FileSet = { file: { name: string; dependency: string[] }[] };

export function loadEnvoyApi(): EnvoyApi {
  const set = descriptor.FileDescriptorSet.decode(readAsset('envoy.binpb')) as unknown as FileSet;
  const core = rootOf({ file: closure(set, CORE_FILES) });
  let whole: protobuf.Root | undefined;

  const all = (): protobuf.Root => {
    whole ??= rootOf(set);
    return whole;
  };
  const inWhole = (name: string): protobuf.Type => {
    const type = find(all(), name);
    if (type === undefined) throw new Error(`Envoy's API has no message ${name}`);
    return type;
  };

  let constraints: Constraints | undefined;
  let annotations: Annotations | undefined;
  const annotated = (): Annotations => {
    annotations ??= readAnnotations(readAsset('envoy.binpb'));
    return annotations;
  };
  const constraintFaults = (typeName: string, bytes: Uint8Array): readonly Fault[] => {
    constraints ??= new Constraints(annotated(), finder.type);
    return constraints.faults(finder.type(typeName) ?? inWhole(typeName), bytes);
  };

  const finder: Finder = { type: (name) => find(core, name) ?? find(all(), name), names: () => messagesOf(all()) };

  return {
    encode(typeName, json) {
      const names = [typeName, ...typeNamesIn(json)];
      const [near, ...nested] = names.map((name) => find(core, name));
      const type = near !== undefined && !nested.includes(undefined) ? near : names.map(inWhole)[0];
      if (type === undefined) throw new Error(`Envoy's API has no message ${typeName}`);
      return Buffer.from(type.encode(protojson.fromJson(type, json)).finish());
    },
    decode(typeName, bytes) {
      // What an Any inside holds is known only once it is decoded, so this always takes the whole set.
      const type = inWhole(typeName);
      return protojson.toJson(type, type.decode(bytes)) as JsonObject;
    },
    has(typeName) {
      if (find(core, typeName) !== undefined) return true;
      return find(all(), typeName) !== undefined;
    },
    hasField: (typeName, field) => (find(core, typeName) ?? inWhole(typeName)).fieldsArray.some((each) => jsonNameOf(each) === field),
    faults(typeName, json) {
      const type = finder.type(typeName);
      if (type === undefined) return [{ path: [], message: unknownMessage(typeName, finder.names()) }];
      const faults = jsonFaults(type, json, finder);
      return faults.length > 0 ? faults : constraintFaults(typeName, this.encode(typeName, json));
    },
    redact: (typeName, json) => redact(finder.type(typeName) ?? inWhole(typeName), json, { sensitive: annotated().sensitive, find: finder.type }),
  };
}

/** By its full name: `lookup` also finds what ends with the name that is asked for. */
function find(root: protobuf.Root, name: string): protobuf.Type | undefined {
  const found = root.lookup(name);
  return found instanceof protobuf.Type && found.fullName === `.${name}` ? found : undefined;
}

function rootOf(set: FileSet): protobuf.Root {
  const { Root } = protobuf as unknown as { Root: { fromDescriptor(set: FileSet): protobuf.Root } };
  const root = Root.fromDescriptor(set);
  root.resolveAll();
  return root;
}

/** The full name of every message. */
function* messagesOf(space: protobuf.NamespaceBase): Generator<string, void, undefined> {
  for (const each of space.nestedArray) {
    if (each instanceof protobuf.Type) yield each.fullName.slice(1);
    if (each instanceof protobuf.Namespace) yield* messagesOf(each);
  }
}

/** The named files and all they import, imports first. */
function closure(set: FileSet, names: readonly string[]): FileSet['file'] {
  const byName = new Map(set.file.map((file) => [file.name, file]));
  const reached = new Set<FileSet['file'][number]>();
  const visit = (name: string): void => {
    const file = byName.get(name);
    if (file === undefined || reached.has(file)) return;
    for (const dependency of file.dependency) visit(dependency);
    reached.add(file);
  };
  for (const name of names) visit(name);
  return [...reached];
}

export type { Json, JsonObject };
