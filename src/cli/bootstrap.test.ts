import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bootstrapObject, renderBootstrap } from '../envoy/bootstrap.ts';
import { grpcBootstrapObject, renderGrpcBootstrap } from '../envoy/grpc-bootstrap.ts';
import { daemonInfo, FakeApi, run } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

const xds = { host: '127.0.0.1', port: 9090 };

describe('bootstrap', () => {
  it('asks the daemon where Envoys are to dial', async () => {
    api.routes = { 'GET /api/v1/daemon': { body: daemonInfo({ xdsAddress: 'xds.example.com:443', xdsTls: true }) } };
    const ran = await run(['bootstrap', '--server', api.url]);
    expect(ran).toEqual({
      code: 0,
      stdout: renderBootstrap({ nodeId: hostname(), group: 'default', xds: { host: 'xds.example.com', port: 443 }, xdsTls: {}, variant: 'delta' }),
      stderr: '',
    });
  });

  it('takes all addresses that the daemon names, or that are given', async () => {
    const xdsOthers = [{ host: '10.0.0.2', port: 9090 }];
    const options = { nodeId: 'e', group: 'default', xds, xdsOthers, variant: 'delta' } as const;
    api.routes = { 'GET /api/v1/daemon': { body: daemonInfo({ xdsAddresses: ['127.0.0.1:9090', '10.0.0.2:9090'] }) } };
    expect((await run(['bootstrap', '--server', api.url, '--node-id', 'e'])).stdout).toBe(renderBootstrap(options));
    expect((await run(['bootstrap', '--xds-address', '127.0.0.1:9090', '--xds-address', '10.0.0.2:9090', '--node-id', 'e'])).stdout).toBe(
      renderBootstrap(options),
    );
  });

  it('needs no daemon where the address is given', async () => {
    const ran = await run([
      'bootstrap',
      '--xds-address',
      '127.0.0.1:9090',
      '--node-id',
      'edge-1',
      '--group',
      'edge',
      '--admin-address',
      '127.0.0.1:9901',
      '--sotw',
    ]);
    expect(ran.stdout).toBe(renderBootstrap({ nodeId: 'edge-1', group: 'edge', xds, admin: { host: '127.0.0.1', port: 9901 }, variant: 'sotw' }));
    expect(api.requests).toEqual([]);
  });

  it('speaks TLS where an authority is given', async () => {
    const options = { nodeId: 'e', group: 'default', xds, xdsTls: { caFile: '/etc/ca.pem' }, variant: 'delta' } as const;
    const ran = await run(['bootstrap', '--xds-address', '127.0.0.1:9090', '--node-id', 'e', '--xds-ca', '/etc/ca.pem']);
    expect(parse(ran.stdout)).toEqual(bootstrapObject(options));
    const json = await run(['bootstrap', '--xds-address', '127.0.0.1:9090', '--node-id', 'e', '--xds-ca', '/etc/ca.pem', '--json']);
    expect(JSON.parse(json.stdout)).toEqual(bootstrapObject(options));
  });

  it('shows the certificate or the token that it is given', async () => {
    const base = ['bootstrap', '--xds-address', '127.0.0.1:9090', '--node-id', 'e'];
    const certificate = await run([...base, '--xds-client-cert', '/etc/e.crt', '--xds-client-key', '/etc/e.key']);
    const options = { nodeId: 'e', group: 'default', xds, variant: 'delta' } as const;
    expect(certificate.stdout).toBe(renderBootstrap({ ...options, xdsTls: { client: { certFile: '/etc/e.crt', keyFile: '/etc/e.key' } } }));
    const folder = mkdtempSync(join(tmpdir(), 'envoyage-bootstrap-'));
    try {
      writeFileSync(join(folder, 'token'), 's3cret\n');
      writeFileSync(join(folder, 'percent'), 's3%cret\n');
      const token = await run([...base, '--xds-token-file', join(folder, 'token')]);
      expect(token.stdout).toBe(renderBootstrap({ ...options, token: 's3cret' }));
      const percent = await run([...base, '--xds-token-file', join(folder, 'percent')]);
      expect([percent.code, percent.stdout]).toEqual([2, '']);
      expect(percent.stderr).toMatch(/^error: --xds-token-file ".*percent" holds a token with a percent sign, which Envoy cannot send\n/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is for a gRPC client where asked for one', async () => {
    api.routes = { 'GET /api/v1/daemon': { body: daemonInfo({ xdsAddress: 'xds.example.com:443', xdsTls: true }) } };
    const options = { nodeId: 'shop-1', group: 'edge', xds: { host: 'xds.example.com', port: 443 }, xdsTls: {} };
    const args = ['bootstrap', '--grpc', '--node-id', 'shop-1', '--group', 'edge', '--server', api.url];
    expect(await run(args)).toEqual({ code: 0, stdout: renderGrpcBootstrap(options), stderr: '' });
    expect(JSON.parse((await run([...args, '--json'])).stdout)).toEqual(grpcBootstrapObject(options));
  });

  it('refuses an address that nobody can dial', async () => {
    api.routes = { 'GET /api/v1/daemon': { body: daemonInfo({ xdsAddress: '0.0.0.0:9090' }) } };
    const ran = await run(['bootstrap', '--server', api.url]);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/0\.0\.0\.0:9090, which is every address.*\nhint: .*--xds-address HOST:PORT.*--xds-advertise HOST:PORT/);
  });

  it.each([
    [['--xds-address', '127.0.0.1:0'], '--xds-address "127.0.0.1:0" has port 0, which is not within 1 to 65535'],
    [['--xds-address', 'a:1', '--grpc', '--admin-address', 'a:1'], "option '--grpc' cannot be used with option '--admin-address <HOST:PORT>'"],
    [['--xds-address', 'a:1', '--grpc', '--sotw'], "option '--grpc' cannot be used with option '--sotw'"],
    [['--xds-address', 'a:1', '--admin-address', '9901'], '--admin-address "9901" lacks a port: write HOST:PORT'],
    [['--xds-address', 'a:1', '--xds-client-cert', 'c'], '--xds-client-cert is set without --xds-client-key'],
    [['--xds-address', 'a:1', '--xds-client-key', 'k'], '--xds-client-key is set without --xds-client-cert'],
    [['--xds-address', 'a:1', '--group', 'a b'], '--group "a b": a group must be 1 to 128 letters, digits, dots, hyphens or underscores'],
    [['--xds-address', 'a:1', '--node-id', 'a\u0007'], '--node-id "a\\u0007" is not 1 to 253 characters without spaces'],
  ])('refuses %j', async (args, message) => {
    const ran = await run(['bootstrap', ...args]);
    expect([ran.code, ran.stdout, ran.stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
  });
});
