import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { describe, expect, it } from 'vitest';
import { CONSTRAINT_CASES } from '../../tests/support/constraint-cases.ts';
import { AUDIENCES, goldenCases, goldenOutput, type Resources } from '../../tests/support/translation.ts';
import { readAnnotations } from './annotations.ts';
import { loadEnvoyApi } from './envoy-api.ts';
import { pathText } from './fault.ts';
import type { JsonObject } from './json.ts';

const api = loadEnvoyApi();

const TYPES: Readonly<Record<keyof Resources, string>> = {
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  clusters: 'envoy.config.cluster.v3.Cluster',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
};

function faults(type: string, resource: JsonObject): string[] {
  return api.faults(type, resource).map(({ path, message }) => `${pathText(path)}: ${message}`);
}

describe("the constraints of Envoy's API", () => {
  it.each(CONSTRAINT_CASES)('refuse $title', ({ type, resource, path, message }) => {
    expect(faults(type, resource)).toEqual([`${path}: ${message}`]);
  });

  it.each(goldenCases())('let pass what the translator makes of %s', (name) => {
    for (const audience of AUDIENCES) {
      const resources = goldenOutput(name)[audience];
      for (const [list, type] of Object.entries(TYPES)) for (const resource of resources[list as keyof Resources]) expect(faults(type, resource)).toEqual([]);
    }
  });

  it('are all of kinds that are known here', () => {
    const bytes = readFileSync(resolve(import.meta.dirname, '../../protos/envoy.binpb'));
    const { Root } = protobuf as unknown as { Root: { fromDescriptor(set: object): protobuf.Root } };
    const decoder = Root.fromDescriptor(descriptor.FileDescriptorSet.decode(bytes)).lookupType('validate.FieldRules');
    const { rules, requiredOneofs, sensitive } = readAnnotations(bytes);
    const used = new Set<string>();
    const note = (value: object, path: string): void => {
      for (const [key, each] of Object.entries(value)) {
        if (typeof each === 'object' && !Array.isArray(each) && !(each instanceof Uint8Array))
          note(each as object, path === '' || key === 'items' || key === 'keys' || key === 'values' ? key : `${path}.${key}`);
        else used.add(`${path}.${key}`.replace(/^(?:items|keys|values)\./, '').replace(/\.(?:seconds|nanos)$/, ''));
      }
    };
    for (const encoded of rules.values()) note(decoder.toObject(decoder.decode(encoded), { longs: Number }), '');
    const numbers = ['uint32', 'uint64', 'int32', 'int64', 'double', 'float'].flatMap((kind) =>
      ['lt', 'lte', 'gt', 'gte', 'ignoreEmpty'].map((rule) => `${kind}.${rule}`),
    );
    const known = new Set([
      ...numbers,
      ...['minLen', 'maxLen', 'maxBytes', 'pattern', 'prefix', 'suffix', 'in', 'wellKnownRegex', 'strict', 'ignoreEmpty'].map((rule) => `string.${rule}`),
      ...['bytes.minLen', 'bytes.maxLen', 'bool.const', 'enum.definedOnly', 'enum.notIn', 'message.required', 'message.skip', 'any.required'],
      ...['repeated.minItems', 'repeated.maxItems', 'repeated.unique', 'map.minPairs'],
      ...['required', 'lt', 'lte', 'gt', 'gte'].map((rule) => `duration.${rule}`),
    ]);
    expect([...used.difference(known)]).toEqual([]);
    expect([rules.size, requiredOneofs.size, sensitive.size].every((count) => count > 20)).toBe(true);
    expect(sensitive).toContain('envoy.extensions.transport_sockets.tls.v3.TlsCertificate.private_key');
  });
});
