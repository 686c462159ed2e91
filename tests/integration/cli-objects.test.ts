import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppliedObjects, ObjectList } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { type CliRan, cli } from '../support/cli.ts';
import { testEnvoy } from '../support/envoys.ts';

const WEB = 'kind: Service\nname: web\nhost: web.example.com\nendpoints: [10.0.0.1:80]\n';
const API = '# the API\nkind: Service\nname: api\nhost: api.example.com\nendpoints:\n  - 10.0.0.2:80\nlabels: {team: api}\n';
const ECHO = 'kind: Raw\nname: echo\ntype: type.googleapis.com/envoy.config.cluster.v3.Cluster\nresource: {connectTimeout: 1s}\nlabels: {team: api}\n';

describe('the commands of objects, with a daemon', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
    mkdirSync(join(api.folder, 'fleet/.hidden'), { recursive: true });
    mkdirSync(join(api.folder, 'fleet/more'));
    write('fleet/web.yaml', WEB);
    write('fleet/more/api.yml', `${API}---\n${ECHO}`);
    write('fleet/.hidden/x.yaml', 'nonsense: [');
    write('fleet/README.md', 'no objects');
  });
  afterEach(() => api.end());
  const write = (file: string, text: string): void => writeFileSync(join(api.folder, file), text);
  const envoyage = (...args: string[]): Promise<CliRan> => cli(api, args);
  const piped = (stdin: string, ...args: string[]): Promise<CliRan> => cli(api, args, { stdin });
  const names = async (): Promise<string[]> => (await envoyage('get', '--json')).json<ObjectList>().objects.map(({ kind, name }) => `${kind}/${name}`);

  describe('apply', () => {
    it('sets all objects of a folder at once, says so, and does nothing the second time', async () => {
      const first = await envoyage('apply', '-f', 'fleet');
      expect([first.code, first.stderr]).toEqual([0, '']);
      expect(first.stdout).toBe(
        'created  Service api\ncreated  Raw echo\ncreated  Service web\n3 created, saved; no Envoy is connected yet (envoyage bootstrap shows how to join one)\n',
      );
      for (const more of [[], ['--no-wait'], ['--dry-run']]) {
        const again = await envoyage('apply', '-f', 'fleet', ...more);
        expect([again.code, again.stdout, again.stderr]).toEqual([0, 'nothing to change: 3 unchanged\n', '']);
      }
      expect((await envoyage('rollback', '1')).stdout).toBe('nothing to change\n');
      expect((await envoyage('apply', '-f', 'fleet', '--json')).json<AppliedObjects>()).toMatchObject({ changed: false, revision: 1 });
    });

    it('reads files, links, pipes and JSON', async () => {
      symlinkSync(join(api.folder, 'fleet/web.yaml'), join(api.folder, 'link.yaml'));
      expect((await envoyage('apply', '-f', 'link.yaml', '-f', 'fleet/more/api.yml')).code).toBe(0);
      expect((await piped('[{"host":"a.example.com","endpoints":["a:1"]}]', 'apply', '-f', '-')).code).toBe(0);
      expect(await names()).toEqual(['Raw/echo', 'Service/a.example.com', 'Service/api', 'Service/web']);
    });

    it('names file, line and column of what is wrong, here or at the daemon, and changes nothing', async () => {
      write('fleet/bad.yaml', 'kind: Service\nname: bad\nhost: bad.example.com\nendpoints: [x]\nendpiont: y\n---\nkind: Rout\n');
      const here = await envoyage('apply', '-f', 'fleet');
      expect([here.code, here.stdout]).toEqual([2, '']);
      expect(here.stderr).toBe(
        'error: 3 things are wrong\n' +
          '  fleet/bad.yaml:4:13: endpoints[0]: the endpoint "x" lacks a port: write HOST:PORT\n' +
          '  fleet/bad.yaml:5:11: endpiont: unknown field "endpiont" (did you mean "endpoints"?)\n' +
          '  fleet/bad.yaml:7:7: kind: there is no kind "Rout" (did you mean "Route"?): it is one of Certificate, Service, Listener, Route, Raw\n' +
          'hint: envoyage schema prints what every kind of object may say\n',
      );
      write('fleet/bad.yaml', '\nkind: Service\nname: twin\nhost: web.example.com\nendpoints: [a:1]\n');
      const there = await envoyage('apply', '-f', 'fleet');
      expect(there.code).toBe(6);
      expect(there.stderr).toMatch(/^error: fleet\/(bad\.yaml:4:7|web\.yaml:3:7): the host web\.example\.com belongs to service/);
      expect(await names()).toEqual([]);
    });

    it('prunes by label, and only shows it in a dry run', async () => {
      await envoyage('apply', '-f', 'fleet');
      const tried = await envoyage('apply', '-f', 'fleet/web.yaml', '--prune', '-l', 'team=api', '--dry-run');
      expect(tried.stdout).toBe(
        'deleted  Service api\ndeleted  Raw echo\n2 deleted, 1 unchanged, if it were applied: nothing was changed\n'.replace(
          'Service api\ndeleted  Raw echo',
          tried.stdout.includes('Raw echo\ndeleted') ? 'Raw echo\ndeleted  Service api' : 'Service api\ndeleted  Raw echo',
        ),
      );
      expect(await names()).toHaveLength(3);
      await envoyage('apply', '-f', 'fleet/web.yaml', '--prune', '-l', 'team=api');
      expect(await names()).toEqual(['Service/web']);
      expect((await envoyage('apply', '-f', 'fleet', '--prune')).stderr).toContain('--prune needs a label that says what it may delete');
      expect((await envoyage('apply', '-f', 'fleet', '-l', 'a=b')).stderr).toContain('there is no --prune');
    });

    it.each([
      ['nowhere.yaml', 'nowhere.yaml does not exist'],
      ['fleet/.hidden/../../data', 'the folder fleet/.hidden/../../data has no .yaml, .yml or .json file in it'],
    ])('refuses %s', async (path, message) => {
      const ran = await envoyage('apply', '-f', path);
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(message) as unknown]);
    });
  });

  it('validate needs no daemon, and asks one where it is named', async () => {
    const nobody = { ENVOYAGE_SERVER: 'http://127.0.0.1:1' };
    expect((await cli(api, ['validate', '-f', 'fleet'], { env: nobody })).stdout).toBe('3 objects are valid\n');
    const server = `http://127.0.0.1:${api.port}`;
    expect((await envoyage('validate', '-f', 'fleet', '--server', server)).stdout).toBe(`3 objects are valid, and fit what ${server} has\n`);
    await piped('host: web.example.com\nendpoints: [a:1]\n', 'apply', '-f', '-');
    const ran = await envoyage('validate', '-f', 'fleet', '--server', server);
    expect([ran.code, ran.stderr]).toEqual([
      6,
      expect.stringContaining('fleet/web.yaml:3:7: the host web.example.com belongs to service "web.example.com" already') as unknown,
    ]);
    expect((await envoyage('validate', '-f', 'fleet/web.yaml', '--json')).json()).toEqual({ valid: true, objects: 1, checked: 'alone' });
    expect((await piped('kind: x', 'validate', '-f', '-', '--json')).code).toBe(2);
    expect(await names()).toEqual(['Service/web.example.com']);
  });

  it('validate has the daemon ask a real Envoy', async () => {
    await testEnvoy('1.40.0');
    const server = `http://127.0.0.1:${api.port}`;
    const ran = await envoyage('validate', '-f', 'fleet', '--server', server, '--envoy');
    expect([ran.stderr, ran.stdout]).toEqual(['', `3 objects are valid, and fit what ${server} has\ngroup default: accepted by Envoy 1.40.0\n`]);
    write('fleet/bad.yaml', 'kind: Raw\nname: bad\ntype: type.googleapis.com/envoy.config.cluster.v3.Cluster\nresource: {type: EDS}\n');
    const bad = await envoyage('validate', '-f', 'fleet', '--server', server, '--envoy');
    expect([bad.code, bad.stdout]).toEqual([2, '']);
    expect(bad.stderr).toContain('Envoy 1.40.0 refuses what group "default" would be sent: cannot create an EDS cluster without an EDS config');
    expect((await envoyage('validate', '-f', 'fleet', '--envoy')).stderr).toContain('--envoy needs a daemon to ask');
    expect(await names()).toEqual([]);
  }, 600_000);

  it('validate holds raw resources against the API of Envoy without a daemon, as the daemon does', async () => {
    const nobody = { env: { ENVOYAGE_SERVER: 'http://127.0.0.1:1' } };
    const wrong = ECHO.replace('{connectTimeout: 1s}', '{connectTimeout: 1s, lbPolicy: ROUND, conectTimeout: 1s}');
    write('raw.yaml', `${WEB}---\n${wrong}---\n${ECHO.replace('echo', 'other').replace('v3.Cluster', 'v3.Clustr')}`);
    const here = await cli(api, ['validate', '-f', 'raw.yaml'], nobody);
    const there = await envoyage('apply', '-f', 'raw.yaml');
    expect([here.code, there.code, here.stdout]).toEqual([2, 2, '']);
    expect(here.stderr).toContain('raw.yaml:9:42: lbPolicy');
    expect(here.stderr).toContain('conectTimeout');
    expect(here.stderr).toContain('raw.yaml:14:7: ');
    // The daemon stops at the first object; what it says of that is the same.
    const lines = (text: string): string[] => text.split('\n').filter((line) => line.includes('raw.yaml:9:'));
    for (const line of lines(there.stderr)) expect(here.stderr).toContain(line.trim().replace(/^error: /, ''));
    expect(lines(there.stderr)).not.toEqual([]);
  });

  it('validate looks for what is referred to in the files, and only warns of the rest', async () => {
    const nobody = { env: { ENVOYAGE_SERVER: 'http://127.0.0.1:1' } };
    const route = 'kind: Route\nname: api\nhosts: [api.example.com]\nto:\n  - service: web\n  - service: wbe\nlisteners: [http, public]\n';
    write('routes.yaml', `${WEB}---\n${route}`);
    const ran = await cli(api, ['validate', '-f', 'routes.yaml'], nobody);
    expect({ code: ran.code, stdout: ran.stdout, stderr: ran.stderr }).toEqual({
      code: 0,
      stdout: '2 objects are valid\n',
      stderr:
        'warning: routes.yaml:11:14: service "wbe" is not in these files (did you mean "web"?)\n' +
        'warning: routes.yaml:12:19: listener "public" is not in these files\n' +
        'hint: the daemon has to have that: --server URL asks it\n',
    });
    expect((await cli(api, ['validate', '-f', 'routes.yaml', '--json'], nobody)).json()).toMatchObject({
      valid: true,
      warnings: [{ at: 'routes.yaml:11:14' }, { at: 'routes.yaml:12:19' }],
    });
  });

  it('diff shows what would change, and its exit code says whether anything would', async () => {
    await envoyage('apply', '-f', 'fleet');
    expect(await envoyage('diff', '-f', 'fleet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    write('fleet/web.yaml', WEB.replace('10.0.0.1:80', '10.0.0.9:80, 10.0.0.1:80'));
    const ran = await envoyage('diff', '-f', 'fleet/web.yaml', '--prune', '-l', 'team=api');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain(`--- Service/web
+++ Service/web
@@ -2,4 +2,5 @@
 name: web
 host: web.example.com
 endpoints:
+  - 10.0.0.9:80
   - 10.0.0.1:80
`);
    expect(ran.stdout).toContain('--- Service/api\n+++ /dev/null\n@@ -1,7 +0,0 @@\n-kind: Service\n');
    const coloured = await cli(api, ['diff', '-f', 'fleet/web.yaml'], { terminal: 80 });
    expect(coloured.stdout).toContain('\u001b[32m+  - 10.0.0.9:80\u001b[39m');
    expect((await envoyage('get', 'service', 'web', '--json')).json()).toMatchObject({ endpoints: ['10.0.0.1:80'] });
  });

  it('get lists and shows, in every form', async () => {
    await envoyage('apply', '-f', 'fleet');
    const { stdout } = await envoyage('get');
    expect(stdout.split('\n').map((line) => line.replace(/\d+ \w+ ago$/, 'AGO'))).toEqual([
      '  KIND     NAME  WHAT                             GROUPS  CHANGED',
      '  Raw      echo  envoy.config.cluster.v3.Cluster  all     AGO',
      '  Service  api   api.example.com → 10.0.0.2:80    all     AGO',
      '  Service  web   web.example.com → 10.0.0.1:80    all     AGO',
      '',
    ]);
    for (const line of (await cli(api, ['get'], { terminal: 60 })).stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect((await envoyage('get', 'services', '-l', 'team=api', '--json')).json<ObjectList>().objects.map(({ name }) => name)).toEqual(['api']);
    const yaml = (await envoyage('get', 'Service', 'web', '-o', 'yaml')).stdout;
    expect(yaml).toMatch(/^kind: Service\nname: web\nhost: web\.example\.com\nendpoints:\n {2}- 10\.0\.0\.1:80\nrevision: 1\n/);
    expect(yaml).toContain('origin: fleet/web.yaml:1:1');
    expect((await envoyage('get', 'service', 'wbe')).stderr).toBe('error: there is no service "wbe" (did you mean "web"?)\nhint: envoyage get Service\n');
    expect((await envoyage('get', 'thing')).code).toBe(2);
    expect((await envoyage('get', 'certificates')).stdout).toBe('No such objects: envoyage apply -f FILE makes some\n');
  });

  it('export gives what apply takes back unchanged', async () => {
    await envoyage('apply', '-f', 'fleet');
    await piped('host: "*.example.org"\nendpoints: ["[::1]:80"]\ngroups: [edge]\nlabels: {"a/b": "yes", c: "1.0", d: "null"}\n', 'apply', '-f', '-');
    const before = (await envoyage('get', '--json')).stdout;
    const { stdout } = await envoyage('export');
    expect((await piped(stdout, 'diff', '-f', '-')).stdout).toBe('');
    expect((await piped(stdout, 'apply', '-f', '-', '--json')).json<AppliedObjects>()).toMatchObject({ changed: false, revision: 2 });
    const json = await envoyage('export', '--json');
    expect((await piped(json.stdout, 'apply', '-f', '-', '--json')).json<AppliedObjects>()).toMatchObject({ changed: false });
    const others = await TestApi.start();
    await cli(others, ['apply', '-f', '-'], { stdin: stdout });
    expect((await cli(others, ['export'])).stdout).toBe(stdout);
    await others.close();
    // Only where each was said is another place by now.
    const strip = (text: string): string => text.replace(/"origin": "[^"]*"/g, '');
    expect(strip((await envoyage('get', '--json')).stdout)).toBe(strip(before));
    expect((await envoyage('export', 'raw')).stdout).toMatch(/^---\nkind: Raw\nname: echo\n/);
    expect((await envoyage('export', '-l', 'team=api')).stdout.match(/^kind: /gm)).toHaveLength(2);
  });

  it('delete takes one away, where nothing refers to it', async () => {
    await envoyage('apply', '-f', 'fleet');
    expect((await envoyage('delete', 'service', 'web', '--dry-run')).stdout).toBe('Service web can be deleted: nothing was changed\n');
    expect((await envoyage('delete', 'service', 'web')).stdout).toBe('Service web deleted; no Envoy that is connected had it\n');
    expect((await envoyage('delete', 'service', 'web')).code).toBe(6);
    expect(await names()).toEqual(['Raw/echo', 'Service/api']);
  });

  describe('edit', () => {
    const editor = (script: string): Record<string, string> => {
      const path = join(api.folder, 'editor');
      writeFileSync(path, `#!/bin/sh\nn=$(cat "$0.count" 2>/dev/null || echo 0); n=$((n+1)); echo $n > "$0.count"; cp "$1" "$0.seen.$n"\n${script}\n`);
      chmodSync(path, 0o755);
      return { EDITOR: path, TMPDIR: api.folder };
    };
    const seen = (n: number): string => readFileSync(join(api.folder, `editor.seen.${n}`), 'utf8');
    beforeEach(() => envoyage('apply', '-f', 'fleet'));

    it('sends what was saved', async () => {
      const ran = await cli(api, ['edit', 'service', 'web', '--no-wait'], { env: editor(`sed -i 's/10.0.0.1:80/10.0.0.7:80/' "$1"`) });
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, 'Service web changed, saved as revision 2\n', '']);
      expect(seen(1)).toBe('kind: Service\nname: web\nhost: web.example.com\nendpoints:\n  - 10.0.0.1:80\n');
      expect((await envoyage('get', 'service', 'web', '--json')).json()).toMatchObject({ endpoints: ['10.0.0.7:80'] });
      expect((await cli(api, ['edit', 'service', 'web'], { env: editor('true') })).stdout).toBe('nothing was changed\n');
    });

    it('opens again where something is wrong, and says what', async () => {
      const script = `if [ $n = 1 ]; then sed -i 's/endpoints/endpiont/' "$1"; else sed -i 's/endpiont/endpoints/; s/10.0.0.1/10.0.0.8/' "$1"; fi`;
      const ran = await cli(api, ['edit', 'service', 'web', '--no-wait'], { env: editor(script) });
      expect([ran.code, ran.stderr]).toEqual([0, '']);
      expect(seen(2)).toMatch(
        /^#! line 4, column 1: endpoints: "endpoints" is missing\n#! line 7, column 1: endpiont: unknown field.*\n#! Save it unchanged to give up\.\nkind: Service\n/,
      );
      expect(seen(2).split('\n')[6]).toBe('endpiont:');
      expect((await envoyage('get', 'service', 'web', '--json')).json()).toMatchObject({ endpoints: ['10.0.0.8:80'] });
    });

    it('keeps what was written where it cannot be sent', async () => {
      const gaveUp = await cli(api, ['edit', 'service', 'web'], { env: editor(`sed -i 's/endpoints/endpiont/' "$1"`) });
      expect(gaveUp.code).toBe(2);
      const path = /what you wrote is in (\S+Service\.yaml):/.exec(gaveUp.stderr)?.[1] ?? '';
      expect(readFileSync(path, 'utf8')).toContain('endpiont');
      const url = `http://127.0.0.1:${api.port}/api/v1/services/web`;
      const meanwhile = `'${process.execPath}' -e "fetch('${url}',{method:'PATCH',headers:{'content-type':'application/merge-patch+json'},body:'{\\"endpoints\\":[\\"x:1\\"]}'})"; sed -i 's/10.0.0.1/10.0.0.8/' "$1"`;
      const stale = await cli(api, ['edit', 'service', 'web'], { env: editor(meanwhile) });
      expect([stale.code, stale.stderr]).toEqual([6, expect.stringContaining('it changed in the meantime') as unknown]);
      expect((await envoyage('get', 'service', 'web', '--json')).json()).toMatchObject({ endpoints: ['x:1'] });
      expect((await cli(api, ['edit', 'service', 'web'], { env: { EDITOR: 'false' } })).stderr).toContain(
        'the editor "false" ended with exit code 1; nothing was changed',
      );
    });
  });

  describe('history and rollback', () => {
    it('tell what changed, by whom, and how far it came, and lead back', async () => {
      await envoyage('apply', '-f', 'fleet');
      write('fleet/web.yaml', WEB.replace('10.0.0.1', '10.0.0.5'));
      await envoyage('apply', '-f', 'fleet');
      await envoyage('delete', 'raw', 'echo');
      const { stdout } = await cli(api, ['history'], { terminal: 80, env: { NO_COLOR: '1' } });
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout).toMatch(/^ {2}REVISION +WHEN +WHO +WHAT +ENVOYS$/m);
      expect(stdout).toMatch(/^ {2}3 .*raw "echo"/m);
      const plain = (await envoyage('history')).stdout;
      expect(plain).toMatch(/^ {2}2 +.* ago +\S+@\S+ +service "web" changed +for no Envoy that is connected$/m);
      expect(plain).toMatch(/^ {2}1 +.*service "api" created, raw "echo" created, service "web" created|3 objects: 3 created/m);
      expect((await envoyage('history', '--limit', '1')).stdout).toContain('older ones: envoyage history --before 3');
      expect((await envoyage('history', '2')).stdout).toContain('--- Service/web\n+++ Service/web\n@@');
      expect((await envoyage('history', '--json', '--limit', '2')).json()).toMatchObject({
        revisions: [{ number: 3, rollout: { state: 'no-envoys' } }, { number: 2 }],
        next: 2,
      });

      const tried = await envoyage('rollback', '1', '--dry-run');
      expect(tried.stdout).toContain('-  - 10.0.0.5:80\n+  - 10.0.0.1:80\n');
      expect(tried.stdout).toMatch(/1 created, 1 changed, if it were rolled back to revision 1: nothing was changed\n$/);
      const done = await envoyage('rollback', '1');
      expect(done.stdout).toContain('rolled back to revision 1: 1 created, 1 changed, saved; no Envoy is connected yet');
      expect(await names()).toEqual(['Raw/echo', 'Service/api', 'Service/web']);
      expect((await envoyage('rollback', '9')).stderr).toBe('error: there is no revision 9; the newest is 4\nhint: envoyage history lists them\n');
      expect((await envoyage('rollback', 'x')).code).toBe(2);
    });
  });

  it('schema is what the API publishes', async () => {
    expect((await envoyage('schema')).json()).toEqual((await api.call('GET', '/api/v1/schema')).json());
  });

  it('complete knows kinds and the names of objects', async () => {
    await envoyage('apply', '-f', 'fleet');
    expect((await envoyage('complete', '--', 'get', 'r')).stdout).toBe('route\nraw\n');
    expect((await envoyage('complete', '--', 'edit', 'service', '')).stdout).toBe('api\nweb\n');
    expect((await envoyage('complete', '--', 'apply', '-f', '')).stdout).toBe(':files\n');
  });
});
