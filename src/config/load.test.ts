import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvoyageError } from '../lib/errors.ts';
import { type Flags, type LoadedOptions, loadOptions } from './load.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'envoyage-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

interface Given {
  flags?: Flags;
  env?: Record<string, string>;
  file?: string;
  system?: string;
  uid?: number;
}

function load({ flags = {}, env = {}, file, system, uid = 1000 }: Given): LoadedOptions {
  if (file !== undefined) writeFileSync(join(cwd, 'envoyage.yaml'), file);
  const systemFile = join(cwd, 'etc.yaml');
  if (system !== undefined) writeFileSync(systemFile, system);
  return loadOptions({ flags, env: { HOME: '/home/ann', ...env }, cwd, uid, systemFile });
}

function faults(given: Given): string[] {
  try {
    load(given);
  } catch (thrown) {
    if (!(thrown instanceof EnvoyageError)) throw thrown;
    expect(thrown.code).toBe('invalid-config');
    return thrown.errors.map(({ message }) => message);
  }
  return [];
}

describe('defaults', () => {
  it('are those of the documentation', () => {
    const { options, sources, file } = load({});
    expect(options).toEqual({
      httpAddress: { host: '127.0.0.1', port: 8080 },
      groupRules: [],
      docker: false,
      dockerExposeByDefault: false,
      dockerReconcileSeconds: 60,
      providerModules: [],
      providerPriority: [],
      httpAllowedHosts: [],
      maxBodyBytes: 16 * 1024 * 1024,
      xdsAddress: { host: '127.0.0.1', port: 9090 },
      xdsAdvertise: [],
      xdsAllowPlaintext: false,
      xdsClientGroups: [],
      xdsMaxMessageBytes: 64 * 1024 * 1024,
      xdsMaxStreams: 50_000,
      xdsMaxStreamsPerAddress: 5000,
      xdsMaxStreamRate: 2000,
      xdsMaxRequestRate: 2000,
      xdsFirstRequestSeconds: 10,
      xdsSilenceSeconds: 30,
      xdsTtl: 0,
      listeners: { default: { host: '127.0.0.1', port: 10000 } },
      onDemand: [],
      files: [],
      filePollSeconds: 10,
      rest: [],
      restInterval: 10,
      restTimeout: 10,
      restMaxBytes: 16 * 1024 * 1024,
      restMaxShrink: 0.5,
      restFollowRedirects: false,
      agents: false,
      canary: [],
      canaryTimeout: 30,
      checkWithEnvoy: false,
      pushLimit: [],
      dataDir: '/home/ann/.local/state/envoyage',
      logLevel: 'info',
      logFormat: 'auto',
      otlpSampleRatio: 1,
      newSecretKey: false,
    });
    expect(sources['http-address']).toEqual({ from: 'default', where: 'default' });
    expect(file).toBeUndefined();
  });

  it.each<[string, Given, string]>([
    ['root', { uid: 0 }, '/var/lib/envoyage'],
    ['systemd', { uid: 0, env: { STATE_DIRECTORY: '/var/lib/other:/var/lib/more' } }, '/var/lib/other'],
    ['XDG', { env: { XDG_STATE_HOME: '/state' } }, '/state/envoyage'],
    ['a relative XDG folder, which is ignored', { env: { XDG_STATE_HOME: 'state' } }, '/home/ann/.local/state/envoyage'],
  ])('data folder of %s', (_, given, dataDir) => {
    expect(load(given).options.dataDir).toBe(dataDir);
  });

  it('have no listener for what only looks like a group', () => {
    expect(load({}).options.listeners.constructor).toBeUndefined();
  });
});

describe('precedence', () => {
  const file = 'http-address: 127.0.0.1:1\nxds-address: 127.0.0.1:1\ndata-dir: one\n';
  const env = { ENVOYAGE_HTTP_ADDRESS: '127.0.0.1:2', ENVOYAGE_XDS_ADDRESS: '127.0.0.1:2' };

  it('is flags, environment, file, defaults', () => {
    const { options, sources, file: path } = load({ flags: { 'http-address': '127.0.0.1:3' }, env, file });
    expect([options.httpAddress.port, options.xdsAddress.port, options.dataDir]).toEqual([3, 2, join(cwd, 'one')]);
    expect(sources['http-address']).toEqual({ from: 'flag', where: '--http-address' });
    expect(sources['xds-address']).toEqual({ from: 'env', where: 'ENVOYAGE_XDS_ADDRESS' });
    expect(sources['data-dir']).toEqual({ from: 'file', where: 'envoyage.yaml:3:11' });
    expect(sources['log-level'].from).toBe('default');
    expect(path).toBe(join(cwd, 'envoyage.yaml'));
  });

  it('counts a variable that is set to nothing as not set', () => {
    expect(load({ env: { ENVOYAGE_HTTP_ADDRESS: '' }, file }).options.httpAddress.port).toBe(1);
  });

  it('turns a switch off again', () => {
    expect(load({ flags: { 'xds-allow-plaintext': false }, env: { ENVOYAGE_XDS_ALLOW_PLAINTEXT: 'true' } }).options.xdsAllowPlaintext).toBe(false);
    expect(load({ env: { ENVOYAGE_XDS_ALLOW_PLAINTEXT: 'true' } }).options.xdsAllowPlaintext).toBe(true);
  });
});

describe('which file', () => {
  it('takes the one here before the system one', () => {
    expect(load({ system: 'log-level: warn' }).options.logLevel).toBe('warn');
    expect(load({ system: 'log-level: warn', file: 'log-level: debug' }).options.logLevel).toBe('debug');
  });

  it('takes the named one before both, the flag before the variable', () => {
    writeFileSync(join(cwd, 'a.yaml'), 'log-level: trace');
    writeFileSync(join(cwd, 'b.yaml'), 'log-level: error');
    const file = 'log-level: debug';
    expect(load({ env: { ENVOYAGE_CONFIG: 'a.yaml' }, file }).options.logLevel).toBe('trace');
    expect(load({ env: { ENVOYAGE_CONFIG: 'a.yaml' }, flags: { config: 'b.yaml' }, file }).options.logLevel).toBe('error');
  });

  it('may be empty', () => {
    expect(load({ file: '' }).options.logLevel).toBe('info');
    expect(load({ file: '# nothing yet\n' }).options.logLevel).toBe('info');
  });

  it('starts relative paths at its folder, flags and variables at the working folder', () => {
    mkdirSync(join(cwd, 'conf'));
    writeFileSync(join(cwd, 'conf', 'c.yaml'), 'http-token-file: token\n');
    const { options } = load({ flags: { config: 'conf/c.yaml', 'data-dir': 'data' }, env: { ENVOYAGE_XDS_TLS_CERT: 'x.pem' } });
    expect([options.httpTokenFile, options.dataDir, options.xdsTlsCert]).toEqual([join(cwd, 'conf/token'), join(cwd, 'data'), join(cwd, 'x.pem')]);
  });

  it('must exist where it was named, and be a file', () => {
    expect(faults({ flags: { config: 'none.yaml' } })).toEqual(['--config: none.yaml does not exist']);
    expect(faults({ env: { ENVOYAGE_CONFIG: '.' } })).toEqual(['ENVOYAGE_CONFIG: . is a folder, not a file']);
  });
});

describe('listeners', () => {
  const all = { default: { host: '127.0.0.1', port: 10000 }, edge: { host: '0.0.0.0', port: 80 } };

  it.each<[string, Given]>([
    ['flags', { flags: { listener: ['edge=0.0.0.0:80'] } }],
    ['the environment', { env: { ENVOYAGE_LISTENER: 'edge=0.0.0.0:80' } }],
    ['the file', { file: 'listener: {edge: "0.0.0.0:80"}' }],
  ])('come from %s, and a default is always there', (_, given) => {
    expect({ ...load(given).options.listeners }).toEqual(all);
  });

  it('without a group are the default', () => {
    expect({ ...load({ env: { ENVOYAGE_LISTENER: '[::]:80, edge=0.0.0.0:80' } }).options.listeners }).toEqual({
      default: { host: '::', port: 80 },
      edge: all.edge,
    });
  });

  it('are wrong with a name, without a port, twice, and under a wrong group', () => {
    expect(faults({ flags: { listener: ['web.example.com:80'] } })).toEqual([
      '--listener "web.example.com:80" must have an IP address as its host, as in 0.0.0.0:80',
    ]);
    expect(faults({ flags: { listener: ['edge=0.0.0.0'] } })).toEqual(['--listener "0.0.0.0" lacks a port: write HOST:PORT']);
    expect(faults({ env: { ENVOYAGE_LISTENER: 'a=0.0.0.0:1,a=0.0.0.0:2' } })).toEqual(['ENVOYAGE_LISTENER names the group "a" twice']);
    expect(faults({ file: 'listener:\n  default: 0.0.0.0:80\n  a b: 0.0.0.0:81\n' })).toEqual([
      'envoyage.yaml:3:8: listener "a b": a group must be 1 to 128 letters, digits, dots, hyphens or underscores',
    ]);
    expect(faults({ file: 'listener: 0.0.0.0:80\n' })[0]).toMatch(/^envoyage\.yaml:1:11: listener "0\.0\.0\.0:80" must be a map from groups to addresses/);
  });
});

describe('addresses to advertise', () => {
  const both = [
    { host: '10.0.0.1', port: 9090 },
    { host: 'xds.example.com', port: 443 },
  ];

  it.each<[string, Given]>([
    ['flags', { flags: { 'xds-advertise': ['10.0.0.1:9090', 'xds.example.com:443', '10.0.0.1:9090'] } }],
    ['the environment', { env: { ENVOYAGE_XDS_ADVERTISE: '10.0.0.1:9090, XDS.example.com:443' } }],
    ['the file', { file: 'xds-advertise: ["10.0.0.1:9090", "xds.example.com:443"]' }],
  ])('come from %s, in their order and each once', (_, given) => {
    expect(load(given).options.xdsAdvertise).toEqual(both);
  });

  it('may be one in the file, as it was when there could be no more', () => {
    expect(load({ file: 'xds-advertise: 10.0.0.1:9090' }).options.xdsAdvertise).toEqual(both.slice(0, 1));
  });

  it('are ones that can be dialled', () => {
    expect(faults({ flags: { 'xds-advertise': ['10.0.0.1:9090', '10.0.0.2:0'] } })).toEqual([
      '--xds-advertise "10.0.0.2:0" has port 0, which is not within 1 to 65535',
    ]);
    expect(faults({ file: 'xds-advertise: 10.0.0.2' })).toEqual(['envoyage.yaml:1:16: xds-advertise "10.0.0.2" lacks a port: write HOST:PORT']);
    expect(faults({ file: 'xds-advertise:\n  - a:1\n  - b\n' })).toEqual(['envoyage.yaml:3:5: xds-advertise[1] "b" lacks a port: write HOST:PORT']);
    expect(faults({ file: 'xds-advertise: {a: 1}' })).toEqual(['envoyage.yaml:1:16: xds-advertise must be HOST:PORT, or a list of them']);
  });
});

describe('rules for groups', () => {
  const texts = ['edge=id:edge-*', 'edge=metadata:labels.role=edge'];

  it.each<[string, Given]>([
    ['flags', { flags: { 'group-rule': texts } }],
    ['the environment', { env: { ENVOYAGE_GROUP_RULE: texts.join(', ') } }],
    ['the file', { file: 'group-rule:\n  - edge=id:edge-*\n  - edge=metadata:labels.role=edge\n' }],
  ])('come from %s, in their order', (_, given) => {
    expect(load(given).options.groupRules).toEqual([
      { text: texts[0], group: 'edge', by: 'id', pattern: 'edge-*' },
      { text: texts[1], group: 'edge', by: 'metadata', path: ['labels', 'role'], pattern: 'edge' },
    ]);
  });

  it('are refused with where each was said', () => {
    expect(faults({ flags: { 'group-rule': ['edge=id:*', 'edge-*'] } })).toEqual(['--group-rule "edge-*" names no group: write GROUP=id:PATTERN']);
    expect(faults({ file: 'group-rule:\n  - edge=id:*\n  - lab=name:x\n' })).toEqual([
      'envoyage.yaml:3:5: group-rule[1] "lab=name:x" looks at "name", which is none of them: write lab=id:PATTERN, lab=cluster:PATTERN or lab=metadata:KEY=PATTERN',
    ]);
    expect(faults({ file: 'group-rule: {edge: "id:edge-*"}' })[0]).toMatch(/^envoyage\.yaml:1:13: group-rule must be a list of rules, as in \[edge=id:edge-\*/);
  });
});

describe('numbers', () => {
  it('may have a fraction where it makes sense', () => {
    expect(load({ flags: { 'otlp-sample-ratio': '0.05' } }).options.otlpSampleRatio).toBe(0.05);
    expect(load({ env: { ENVOYAGE_OTLP_SAMPLE_RATIO: '0' } }).options.otlpSampleRatio).toBe(0);
    expect(load({ file: 'otlp-sample-ratio: 0.5' }).options.otlpSampleRatio).toBe(0.5);
    expect(faults({ flags: { 'otlp-sample-ratio': 'all' } })).toEqual(['--otlp-sample-ratio "all" must be a number from 0 to 1']);
  });
});

describe('faults', () => {
  it('are all listed, each with where it came from', () => {
    expect(
      faults({
        flags: { 'http-address': '127.0.0.1' },
        env: { ENVOYAGE_XDS_ADDRESS: 'localhost:70000', ENVOYAGE_MAX_BODY_BYTES: '1e6' },
        file: 'log-level: loud\nhttp-allowed-host: [ok.example.com, "a b"]\n',
      }),
    ).toEqual([
      '--http-address "127.0.0.1" lacks a port: write HOST:PORT',
      'envoyage.yaml:2:37: http-allowed-host[1] "a b" has a label that is not made of letters, digits and inner hyphens ("a b")',
      'ENVOYAGE_MAX_BODY_BYTES "1e6" must be a whole number of bytes from 1024 to 268435456',
      'ENVOYAGE_XDS_ADDRESS "localhost:70000" has port 70000, which is not within 0 to 65535',
      'envoyage.yaml:1:12: log-level "loud" must be one of trace, debug, info, warn, error',
    ]);
  });

  it('are unknown keys and variables, with the nearest known one', () => {
    expect(faults({ env: { ENVOYAGE_HTTP_ADRESS: '127.0.0.1:1', ENVOYAGE_TOKEN: 'x', ENVOYAGE_SERVER: 'http://x' } })).toEqual([
      'ENVOYAGE_HTTP_ADRESS is not a variable that Envoyage knows (did you mean "ENVOYAGE_HTTP_ADDRESS"?)',
    ]);
    expect(faults({ file: 'httpAddress: 127.0.0.1:1\nconstructor: x\n' })).toEqual([
      'envoyage.yaml:1:14: unknown option "httpAddress" (did you mean "http-address"?)',
      'envoyage.yaml:2:14: unknown option "constructor"',
    ]);
  });

  it('are not the variables that Kubernetes sets beside a service called envoyage', () => {
    const env = {
      ENVOYAGE_SERVICE_HOST: '10.0.0.1',
      ENVOYAGE_SERVICE_PORT: '8080',
      ENVOYAGE_SERVICE_PORT_HTTP: '8080',
      ENVOYAGE_PORT: 'tcp://10.0.0.1:8080',
      ENVOYAGE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      ENVOYAGE_PORT_8080_TCP_ADDR: '10.0.0.1',
      ENVOYAGE_XDS_SERVICE_HOST: '10.0.0.2',
    };
    expect(faults({ env })).toEqual([]);
  });

  it.each([
    ['a: [', /^envoyage\.yaml:1:5: /],
    ['log-level: info\nlog-level: warn\n', /^envoyage\.yaml:2:1: .*unique/i],
    ['- http-address\n', /^envoyage\.yaml:1:1: the file must be a map of options/],
    ['log-level: info\ndata-dir:\nlog-format: json\n', /^envoyage\.yaml:2:1: data-dir has no value$/],
    ['http-address: 8080\n', /^envoyage\.yaml:1:15: http-address 8080 must be HOST:PORT$/],
    ['xds-allow-plaintext: "yes"\n', /^envoyage\.yaml:1:22: xds-allow-plaintext "yes" must be true or false$/],
    ['otlp-endpoint: 127.0.0.1:4318\n', /^envoyage\.yaml:1:16: otlp-endpoint "127\.0\.0\.1:4318" must be an http or https URL/],
    ['otlp-endpoint: grpc://collector:4317\n', /^envoyage\.yaml:1:16: otlp-endpoint "grpc:\/\/collector:4317" must be an http or https URL/],
    ['otlp-endpoint: http://me:secret@collector:4318\n', /must not hold a user or a password$/],
    ['otlp-endpoint: http://collector:4318/?a=b\n', /must end with its path$/],
    ['otlp-sample-ratio: 1.5\n', /^envoyage\.yaml:1:20: otlp-sample-ratio 1\.5 must be a number from 0 to 1$/],
    ['listener:\n  edge: 0.0.0.0:99999\n', /^envoyage\.yaml:2:9: listener\.edge "0\.0\.0\.0:99999" has port 99999/],
  ])('in the file have line and column: %j', (file, message) => {
    const found = faults({ file });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});
