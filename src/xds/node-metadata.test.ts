import { describe, expect, it } from 'vitest';
import { loadEnvoyApi } from '../proto/envoy-api.ts';
import { readNode } from './codec.ts';
import { MOST_METADATA_BYTES, readStruct } from './node-metadata.ts';

const api = loadEnvoyApi();
const encode = (metadata: Parameters<typeof api.encode>[1]): Buffer => api.encode('google.protobuf.Struct', metadata);

describe('node.metadata', () => {
  it('is read as the API’s own descriptors write it', () => {
    const metadata = { role: 'edge', canary: true, off: false, shard: -7.5, zero: 0, empty: '', labels: { 'app.kubernetes.io/name': 'web', deep: { er: 1 } } };
    const node = api.encode('envoy.config.core.v3.Node', { id: 'n', metadata: { ...metadata, none: null, list: ['edge'] }, extensions: [{ name: 'x' }] });
    expect(readStruct(readNode(node).metadata ?? Buffer.alloc(0))).toEqual(
      new Map<string, unknown>([
        ...Object.entries(metadata).filter(([key]) => key !== 'labels'),
        [
          'labels',
          new Map<string, unknown>([
            ['app.kubernetes.io/name', 'web'],
            ['deep', new Map([['er', 1]])],
          ]),
        ],
        ['none', undefined],
        ['list', undefined],
      ]),
    );
  });

  it('is a part of the bytes of the node, and not there where the node has none', () => {
    const node = api.encode('envoy.config.core.v3.Node', { id: 'n', metadata: { role: 'edge' } });
    const { metadata } = readNode(node);
    expect(metadata?.buffer).toBe(node.buffer);
    expect(readNode(api.encode('envoy.config.core.v3.Node', { id: 'n' })).metadata).toBeUndefined();
  });

  it('ends where it is too deep to be meant', () => {
    let bytes = encode({ a: 1 });
    const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
    const field = (tag: number, content: Buffer): Buffer => Buffer.concat([Buffer.from([tag, ...varint(content.length)]), content]);
    for (let i = 0; i < 10_000; i++) bytes = field(10, Buffer.concat([field(10, Buffer.from('a')), field(18, field(42, bytes))]));
    let depth = 0;
    for (let at: unknown = readStruct(bytes); at instanceof Map; at = at.get('a')) depth++;
    expect(depth).toBe(100);
  });

  it('is refused where it is none, or so long that reading it would hold up others', () => {
    expect(() => readStruct(Buffer.from([10, 5, 97]))).toThrow('node.metadata is not a google.protobuf.Struct');
    expect(() => readStruct(encode({ a: 'x'.repeat(MOST_METADATA_BYTES) }))).toThrow(/node\.metadata has \d+ bytes, more than the 1048576/);
  });
});
