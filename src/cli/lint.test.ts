// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like that
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './harness.fixture.ts';

let folder: string;
let cwd: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-lint-'));
  cwd = join(folder, 'My Shop');
  mkdirSync(cwd);
  writeFileSync(join(cwd, '.env'), 'HOST=env.example.com\nPORT=81\n');
  writeFileSync(
    join(cwd, 'compose.yaml'),
    'services: {web: {expose: [80, "${PORT}"], labels: {envoyage.enable: true, envoyage.host: "${HOST}", envoyage.port: "${PORT}"}}, all: {expose: [80], labels: {envoyage.host: a.b}}}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly valid: boolean;
  readonly services: { readonly name: string; readonly requests: string[]; readonly endpoints: string[] }[];
  readonly problems: { readonly origin: string; readonly code: string }[];
}

const lint = async (argv: readonly string[], env: Record<string, string> = {}): Promise<Answer> =>
  JSON.parse((await run(['lint', ...argv, '--json'], { cwd, env })).stdout) as Answer;

describe('envoyage lint', () => {
  it('takes variables from .env, the environment first, and the name of the project from its folder', async () => {
    expect(await lint(['compose.yaml', '--docker-expose-by-default'])).toEqual({
      valid: true,
      services: [
        { name: 'myshop.all', requests: ['a.b'], endpoints: ['myshop-all-1:80'] },
        { name: 'myshop.web', requests: ['env.example.com'], endpoints: ['myshop-web-1:81'] },
      ],
      problems: [],
    });
    const { services } = await lint(['compose.yaml', '--docker-expose-by-default', '-p', 'Other'], { HOST: 'x.example.com' });
    expect(services.map(({ name, requests }) => [name, ...requests])).toEqual([
      ['other.all', 'a.b'],
      ['other.web', 'x.example.com'],
    ]);
  });

  it('has the daemon it speaks for take only those that say so', async () => {
    expect((await lint(['compose.yaml'])).problems).toMatchObject([{ code: 'not-enabled', origin: expect.stringMatching(/^compose\.yaml:1:\d+$/) }]);
  });

  it('takes a misspelt label that turns it on for that, and not for a missing one', async () => {
    const text = 'name: p\nservices: {web: {expose: [80], labels: {envoyage.enabled: true, envoyage.host: a.b}}}';
    expect(await run(['lint', '-'], { cwd, stdin: text })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no label "envoyage.enabled" (did you mean "envoyage.enable"?)\nhint: envoyage.enable=true\n') as unknown,
    });
  });

  it('knows the network that the daemon is told', async () => {
    const text =
      'name: p\nservices: {web: {networks: [a, b], expose: [80], labels: {envoyage.enable: true, envoyage.host: a.b}}}\nnetworks: {a: , b: {name: edge}}';
    expect(await run(['lint', '-'], { cwd, stdin: text })).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('networks edge, p_a') });
    expect(await run(['lint', '-', '--docker-network', 'edge'], { cwd, stdin: text })).toMatchObject({
      code: 0,
      stdout: '  SERVICE  REQUESTS  ENDPOINTS\n  p.web    a.b       p-web-1:80\n1 service, nothing wrong\n',
    });
  });

  it.each([
    ['services: {web: {image: a}}', 0, 'no service: no container has labels for Envoyage\n'],
    ['', 1, 'error: -:1:1: this is no compose file: there is nothing in it\n'],
    ['a: b', 1, 'error: -:1:1: this is no compose file: it has no services\n'],
    ['services: [', 1, 'error: -:1:12: this is not YAML or JSON'],
    ['services: {a: , b: 1, c: {labels: 7, ports: x, networks: 3, deploy: []}}', 0, 'no service'],
  ])('makes of %j what it can', async (stdin, code, said) => {
    const ran = await run(['lint', '-'], { cwd, stdin });
    expect(ran.code).toBe(code);
    expect(ran.stdout + ran.stderr).toContain(said);
  });

  it('says which file it cannot read', async () => {
    expect(await run(['lint', 'nope.yaml'], { cwd })).toMatchObject({ code: 2, stderr: expect.stringContaining('nope.yaml') });
  });
});
