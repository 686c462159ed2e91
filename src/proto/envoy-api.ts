import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import protojson from 'protobufjs/ext/protojson.js';
import { readAsset } from '../lib/assets.ts';
import { type Json, type JsonObject, typeNamesIn } from './json.ts';

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
];

type FileSet = { file: { name: string; dependency: string[] }[] };

export function loadEnvoyApi(): EnvoyApi {
  const set = descriptor.FileDescriptorSet.decode(readAsset('envoy.binpb')) as unknown as FileSet;
  const core = rootOf({ file: closure(set, CORE_FILES) });
  let whole: protobuf.Root | undefined;

  const inWhole = (name: string): protobuf.Type => {
    whole ??= rootOf(set);
    const type = find(whole, name);
    if (type === undefined) throw new Error(`Envoy's API has no message ${name}`);
    return type;
  };

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
      whole ??= rootOf(set);
      return find(whole, typeName) !== undefined;
    },
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
