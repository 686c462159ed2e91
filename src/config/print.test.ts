import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOptions } from './load.ts';
import { OPTION_NAMES } from './options.ts';
import { defaultText, printJson, printYaml } from './print.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'envoyage-print-'));
  writeFileSync(
    join(cwd, 'envoyage.yaml'),
    'http-allowed-host:\n  - a.example.com\n  - b.example.com\nlistener:\n  edge: "[::]:80"\nxds-advertise: 10.0.0.1:9090\ngroup-rule:\n  - edge=id:edge-*\n',
  );
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (path = cwd) =>
  loadOptions({
    flags: { 'http-address': '[::1]:0' },
    env: { ENVOYAGE_DATA_DIR: '/data', ENVOYAGE_XDS_ALLOW_PLAINTEXT: 'true' },
    cwd: path,
    systemFile: join(cwd, 'none'),
  });

describe('--print-config', () => {
  it('says each value and where it comes from', () => {
    expect(printYaml(load())).toMatchInlineSnapshot(`
      "http-address: "[::1]:0"            # --http-address
      http-allowed-host:                 # envoyage.yaml:2:3
        - a.example.com                  # envoyage.yaml:2:5
        - b.example.com                  # envoyage.yaml:3:5
      # http-token-file:                 # not set
      # http-tls-cert:                   # not set
      # http-tls-key:                    # not set
      max-body-bytes: 16777216           # default
      xds-address: 127.0.0.1:9090        # default
      xds-advertise:                     # envoyage.yaml:6:16
        - 10.0.0.1:9090                  # envoyage.yaml:6:16
      # xds-tls-cert:                    # not set
      # xds-tls-key:                     # not set
      xds-allow-plaintext: true          # ENVOYAGE_XDS_ALLOW_PLAINTEXT
      # xds-client-ca:                   # not set
      # xds-client-group:                # not set
      # xds-token-file:                  # not set
      # xds-revoked:                     # not set
      xds-max-message-bytes: 67108864    # default
      xds-max-streams: 50000             # default
      xds-max-streams-per-address: 5000  # default
      xds-max-stream-rate: 2000          # default
      xds-max-request-rate: 2000         # default
      xds-first-request-seconds: 10      # default
      xds-silence-seconds: 30            # default
      xds-ttl: 0                         # default
      listener:                          # envoyage.yaml:5:3
        default: 127.0.0.1:10000         # default
        edge: "[::]:80"                  # envoyage.yaml:5:9
      group-rule:                        # envoyage.yaml:8:3
        - edge=id:edge-*                 # envoyage.yaml:8:5
      # on-demand:                       # not set
      # canary:                          # not set
      canary-timeout: 30                 # default
      # push-limit:                      # not set
      # rollback-share:                  # not set
      check-with-envoy: false            # default
      docker: false                      # default
      # docker-host:                     # not set
      # docker-tls-ca:                   # not set
      # docker-tls-cert:                 # not set
      # docker-tls-key:                  # not set
      # docker-network:                  # not set
      docker-expose-by-default: false    # default
      # docker-address:                  # not set
      docker-reconcile-seconds: 60       # default
      # provider-module:                 # not set
      # file:                            # not set
      file-poll-seconds: 10              # default
      # rest:                            # not set
      rest-interval: 10                  # default
      rest-timeout: 10                   # default
      rest-max-bytes: 16777216           # default
      rest-max-shrink: 0.5               # default
      # rest-host:                       # not set
      # rest-token-file:                 # not set
      # rest-basic-file:                 # not set
      # rest-header-file:                # not set
      # rest-ca:                         # not set
      # rest-cert:                       # not set
      # rest-key:                        # not set
      rest-follow-redirects: false       # default
      # provider-priority:               # not set
      agents: false                      # default
      # agent-token-file:                # not set
      data-dir: /data                    # ENVOYAGE_DATA_DIR
      # secret-key-file:                 # not set
      new-secret-key: false              # default
      log-level: info                    # default
      log-format: auto                   # default
      # otlp-endpoint:                   # not set
      otlp-sample-ratio: 1               # default
      "
    `);
  });

  it('is a configuration file that says the same', () => {
    const { options } = load();
    writeFileSync(join(cwd, 'printed.yaml'), printYaml(load()));
    expect(loadOptions({ flags: { config: 'printed.yaml' }, env: {}, cwd, systemFile: 'none' }).options).toEqual(options);
  });

  it('has all of it for machines', () => {
    const printed = JSON.parse(printJson(load())) as { file: string; options: Record<string, unknown>; sources: Record<string, unknown> };
    expect(Object.keys(printed.options)).toEqual(OPTION_NAMES);
    expect(printed).toMatchObject({
      file: join(cwd, 'envoyage.yaml'),
      options: {
        'http-address': '[::1]:0',
        'xds-advertise': ['10.0.0.1:9090'],
        'group-rule': ['edge=id:edge-*'],
        listener: { default: '127.0.0.1:10000', edge: '[::]:80' },
        'xds-allow-plaintext': true,
      },
      sources: { 'http-address': { from: 'flag', where: '--http-address' }, listener: { from: 'file', where: 'envoyage.yaml:5:3' } },
    });
  });
});

describe('defaultText', () => {
  it('says what the help shows', () => {
    expect([defaultText('http-address'), defaultText('max-body-bytes'), defaultText('http-token-file'), defaultText('xds-allow-plaintext')]).toEqual([
      '127.0.0.1:8080',
      '16777216',
      undefined,
      undefined,
    ]);
  });
});
