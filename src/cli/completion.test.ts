import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi, node, provider, run, stored } from './harness.fixture.ts';
import { COMMANDS } from './program.ts';

const api = new FakeApi();
let folder: string;

beforeAll(async () => {
  await api.start();
  folder = mkdtempSync(join(tmpdir(), 'envoyage-completion-'));
  const program = join(folder, 'envoyage');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve('src/main.ts')}' "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'token.txt'), 'x');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});
beforeEach(() => {
  const services = [stored('web.example.com', ['web-a:5678']), stored('wiki.example.com', ['wiki:80', 'wiki:81']), stored('api.example.com', ['api:80'])];
  const nodes = [node('edge-1', 'in-sync', { group: 'edge' }), node('lab-1', 'gone'), node('has spaces', 'gone')];
  api.reset({
    'GET /api/v1/providers/discovery': { body: { providers: [provider('docker', 'ok')], overrides: 0, revision: 7 } },
    'GET /api/v1/services': { body: { services, revision: 7 } },
    'GET /api/v1/nodes': { body: { nodes, moved: [], revision: 7 } },
  });
});

const complete = async (...words: string[]): Promise<string[]> => {
  const ran = await run(['complete', '--', ...words], { env: { ENVOYAGE_SERVER: api.url } });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return ran.stdout.split('\n').slice(0, -1);
};
const words = async (...typed: string[]): Promise<string[]> => (await complete(...typed)).map((line) => line.split('\t')[0] ?? '');

describe('complete', () => {
  it('knows the commands', async () => {
    expect(await complete('s')).toEqual([
      'serve\trun the daemon: registry, HTTP API and xDS server',
      'switch\tlead a service to other endpoints',
      'status\tshow the services, and what every Envoy made of them',
      'schema\tprint the JSON Schema of objects, for editors',
    ]);
    expect(await words('')).toEqual([...COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name), 'help']);
    expect(await words('--')).toEqual(['--version', '--help']);
    expect(await words('help', 'sw')).toEqual(['switch']);
    expect(await words('frobnicate', '')).toEqual([]);
  });

  it('knows the options of a command that are not there yet', async () => {
    expect(await words('status', '--')).toEqual(['--all', '--server', '--token-file', '--json', '--help']);
    expect(await words('status', '--all', '--')).not.toContain('--all');
    expect(await words('add', '--group', 'a', '--g')).toEqual(['--group']);
    expect(await words('serve', '--xds-a')).toEqual(['--xds-address', '--xds-advertise', '--xds-allow-plaintext']);
    expect(await words('serve', '--xds-t')).toEqual(['--xds-tls-cert', '--xds-tls-key', '--xds-token-file', '--xds-ttl']);
  });

  it('knows the values of an option, and leaves files to the shell', async () => {
    expect(await words('serve', '--log-level', '')).toEqual(['trace', 'debug', 'info', 'warn', 'error']);
    expect(await words('serve', '--log-format=j')).toEqual(['--log-format=json']);
    expect(await words('serve', '--data-dir', '')).toEqual([':files']);
    expect(await words('status', '--token-file', 'tok')).toEqual([':files']);
    expect(await words('serve', '--http-address', '')).toEqual([]);
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('knows the services where one is named', async () => {
    expect(await complete('switch', 'w')).toEqual(['web.example.com\tweb-a:5678', 'wiki.example.com\twiki:80, wiki:81']);
    expect(await words('switch', '--timeout', '5', '--no-wait', 'a')).toEqual(['api.example.com']);
    expect(await words('switch', 'web.example.com', '')).toEqual([]);
    expect(await words('remove', 'web.example.com', 'w')).toEqual(['wiki.example.com']);
    expect(await words('add', '')).toEqual([]);
  });

  it('knows the Envoys where one is named', async () => {
    expect(await complete('move', '')).toEqual(['edge-1\tgroup edge', 'lab-1\tgroup default']);
    expect(await words('move', 'lab')).toEqual(['lab-1']);
    expect(await words('drift', 'lab')).toEqual(['lab-1']);
    expect(await words('move', 'lab-1', '')).toEqual([]);
    expect(await words('move', 'lab-1', '--u')).toEqual(['--undo']);
  });

  it('knows the providers, what can be done with one, and the endpoints of a service', async () => {
    expect(await complete('providers', '')).toEqual(['docker\tok, unix:///var/run/docker.sock', 'pause', 'resume', 'resync']);
    expect(await words('providers', 'resync', 'd')).toEqual(['docker']);
    expect(await words('providers', 'docker', '')).toEqual([]);
    expect(await words('override', 'w')).toEqual(['web.example.com', 'wiki.example.com']);
    expect(await words('override', 'wiki.example.com@docker', '')).toEqual(['wiki:80', 'wiki:81']);
    expect(await words('override', 'web.example.com', 'web-a:5678', '--d')).toEqual(['--drain', '--disable']);
  });

  it('asks the daemon that the line names', async () => {
    const ran = await run(['complete', '--', 'switch', '--server', api.url, 'wi']);
    expect(ran.stdout).toBe('wiki.example.com\twiki:80, wiki:81\n');
  });

  it('is silent where there is no daemon', async () => {
    for (const server of ['http://127.0.0.1:1', 'nonsense']) {
      expect(await run(['complete', '--', 'switch', 'w'], { env: { ENVOYAGE_SERVER: server } })).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });
});

/** What bash puts in for the line, as its own completion function answers. */
async function inBash(line: string): Promise<string[]> {
  const script = `
    source <(envoyage completion bash)
    compopt() { echo "compopt $*"; }
    COMP_LINE=${JSON.stringify(line)} COMP_POINT=\${#COMP_LINE}
    _envoyage
    printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p envoyage >&2`;
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, ENVOYAGE_SERVER: api.url };
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', script], { env, cwd: folder });
  expect(stderr).toContain('complete -F _envoyage envoyage');
  return stdout.split('\n').filter((text) => text !== '');
}

describe('in bash', () => {
  it('completes commands, options and services', async () => {
    expect(await inBash('envoyage sw')).toEqual(['switch']);
    expect(await inBash('envoyage status --a')).toEqual(['--all']);
    expect(await inBash('envoyage remove web.example.com ')).toEqual(['wiki.example.com', 'api.example.com']);
  });

  it('is not confused by the colons and equals signs at which bash breaks words', async () => {
    expect(await inBash(`envoyage switch --server ${api.url} we`)).toEqual(['web.example.com']);
    expect(await inBash('envoyage serve --log-level=d')).toEqual(['debug']);
  });

  it('lets bash complete paths', async () => {
    expect(await inBash('envoyage status --token-file tok')).toEqual(['compopt -o default']);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints the script of %s', async (shell) => {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`../../tests/golden/completion/envoyage.${shell}`);
    expect(JSON.parse((await run(['completion', shell, '--json'])).stdout)).toEqual({ shell, script: stdout });
  });
});
