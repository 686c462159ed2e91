import { describe, expect, it } from 'vitest';
import { plain } from './io.ts';
import { type Ready, renderReady, renderReadyJson } from './ready-text.ts';

const loopback = (port: number) => ({ host: '127.0.0.1', port });
const ready: Ready = { httpAddress: loopback(8080), httpTls: false, tokenFile: undefined, xdsAddress: loopback(9090), dataDir: '/data' };
const envoy = { version: '1.40.0', pid: 42, nodeId: 'laptop', group: 'default', listener: loopback(10000), admin: loopback(9901) };

describe('the ready message', () => {
  it('says where everything is and what to do first', () => {
    expect(renderReady(ready, plain)).toMatchInlineSnapshot(`
      "Envoyage 0.1.0 is ready
        HTTP API       http://127.0.0.1:8080
        xDS            127.0.0.1:9090
        data           /data

        add a service  envoyage add web.example.com web-a:5678
        join an Envoy  envoyage bootstrap > envoy.yaml

      "
    `);
  });

  it('names the daemon in the commands where it is not the usual one', () => {
    const elsewhere = { ...ready, httpAddress: { host: '0.0.0.0', port: 8443 }, httpTls: true, tokenFile: '/token' };
    expect(renderReady(elsewhere, plain)).toContain('envoyage add web.example.com web-a:5678 --server https://127.0.0.1:8443 --token-file /token');
    expect(renderReady({ ...ready, httpAddress: { host: '::', port: 8080 } }, plain)).toContain('--server http://[::1]:8080');
  });

  it('shows the local Envoy of up', () => {
    expect(renderReady({ ...ready, envoy }, plain)).toMatchInlineSnapshot(`
      "Envoyage 0.1.0 is ready
        HTTP API       http://127.0.0.1:8080
        xDS            127.0.0.1:9090
        data           /data
        Envoy          1.40.0, serving http://127.0.0.1:10000, admin http://127.0.0.1:9901

        add a service  envoyage add web.example.com web-a:5678
        see it         curl -H 'Host: web.example.com' http://127.0.0.1:10000

      "
    `);
    const anyPort = renderReady({ ...ready, envoy: { ...envoy, listener: loopback(0), admin: loopback(0) } }, plain);
    expect(anyPort).toContain('1.40.0, serving a free port of 127.0.0.1, admin a free port of 127.0.0.1');
    expect(anyPort).not.toContain('curl');
  });

  it('is one line of JSON for machines', () => {
    expect(JSON.parse(renderReadyJson({ ...ready, envoy }))).toEqual({
      version: expect.any(String),
      httpAddress: '127.0.0.1:8080',
      xdsAddress: '127.0.0.1:9090',
      url: 'http://127.0.0.1:8080',
      dataDir: '/data',
      envoy: { version: '1.40.0', pid: 42, nodeId: 'laptop', group: 'default', listener: '127.0.0.1:10000', admin: '127.0.0.1:9901' },
    });
  });
});
