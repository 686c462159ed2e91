import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BOOTSTRAP_VARIANTS, COMPOSE_BOOTSTRAP, GRPC_BOOTSTRAP_VARIANTS } from '../../tests/golden/bootstrap/variants.ts';
import { XDS_CLUSTER as TRANSLATOR_XDS_CLUSTER } from '../translator/names.ts';
import { bootstrapObject, renderBootstrap, XDS_CLUSTER } from './bootstrap.ts';
import { grpcBootstrapObject, renderGrpcBootstrap } from './grpc-bootstrap.ts';

describe('the bootstrap', () => {
  it.each(Object.entries(BOOTSTRAP_VARIANTS))('%s is as in the golden file', async (name, options) => {
    await expect(renderBootstrap(options)).toMatchFileSnapshot(`../../tests/golden/bootstrap/${name}.yaml`);
  });

  it('of the container stack is as in envoy/', async () => {
    await expect(renderBootstrap(COMPOSE_BOOTSTRAP)).toMatchFileSnapshot('../../envoy/bootstrap.yaml');
  });

  it.each(Object.entries(BOOTSTRAP_VARIANTS))('%s reads back as the object it was made from', (_, options) => {
    expect(parse(renderBootstrap(options))).toEqual(bootstrapObject(options));
  });

  it('quotes what a reader of YAML 1.1 would take for something else', () => {
    for (const name of ['yes', 'on', 'NO', 'null', '~', '0123', '1e3', '1:30', 'a: b', '# c', "it's"]) {
      const text = renderBootstrap({ nodeId: name, group: name, xds: { host: '127.0.0.1', port: 9090 } });
      expect(parse(text, { version: '1.1' }).node).toMatchObject({ id: name, cluster: name });
    }
  });

  it('keeps a group with a line break inside its comment', () => {
    const options = { nodeId: 'n', group: 'a\nadmin: {}', xds: { host: '127.0.0.1', port: 9090 } };
    expect(parse(renderBootstrap(options))).toEqual(bootstrapObject(options));
  });

  it('has no admin port unless asked for', () => {
    expect(bootstrapObject({ nodeId: 'n', group: 'g', xds: { host: '127.0.0.1', port: 9090 } })).not.toHaveProperty('admin');
  });

  it("names its cluster as the translator's resources do", () => {
    expect(XDS_CLUSTER).toBe(TRANSLATOR_XDS_CLUSTER);
  });
});

describe('the bootstrap of a gRPC client', () => {
  it.each(Object.entries(GRPC_BOOTSTRAP_VARIANTS))('%s is as in the golden file', async (name, options) => {
    const text = renderGrpcBootstrap(options);
    await expect(text).toMatchFileSnapshot(`../../tests/golden/bootstrap/${name}.json`);
    expect(JSON.parse(text)).toEqual(grpcBootstrapObject(options));
  });
});
