import { describe, expect, it } from 'vitest';
import { VERSION } from '../lib/version.ts';
import { run } from './harness.fixture.ts';
import { COMMANDS } from './program.ts';

const visible = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name);

describe('help', () => {
  it('lists every command and what the exit codes mean, within 80 columns', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of visible) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(stdout).not.toMatch(/^ {2}complete /m);
    for (const exit of [0, 1, 2, 3, 4, 5, 6]) expect(stdout).toMatch(new RegExp(`\\b${exit}  [a-z]`));
  });

  it.each([...visible, 'complete'])('of %s has an example, --json where it prints something, and fits into 80 columns', async (name) => {
    const { code, stdout, stderr } = await run([name, '--help'], { terminal: 80 });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`\\$ (echo 'source <\\()?envoyage ${name}`));
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(stdout.includes('--json')).toBe(name !== 'complete');
    expect((await run(['help', name], { terminal: 80 })).stdout).toBe(stdout);
  });

  it('is shown where no command is named, as an error', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: envoyage');
  });
});

it('--version is the one in package.json', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

describe('wrong usage', () => {
  it.each([
    [['swich', 'a', 'b'], "unknown command 'swich' (Did you mean switch?)"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['status', '--jsno'], "unknown option '--jsno' (Did you mean --json?)"],
    [['serve', '--http-adress', '127.0.0.1:1'], "unknown option '--http-adress' (Did you mean --http-address?)"],
    [['add', 'web.example.com'], "missing required argument 'endpoint'"],
    [['remove'], "missing required argument 'host'"],
    [['status', 'now'], "too many arguments for 'status'. Expected 0 arguments but got 1: now"],
    [['status', '--server'], "option '--server <URL>' argument missing"],
    [['add', 'a', 'b:1', '--timeout', '-1'], "option '--timeout <SECONDS>' argument '-1' is invalid. It must be a number of seconds, 0 to 86400"],
    [['completion', 'tcsh'], "command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish"],
  ])('%j', async (argv, message) => {
    const ran = await run(argv);
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${message}\nhint: envoyage --help lists the commands, envoyage COMMAND --help the options of one\n`,
    });
    const json = await run([...argv.slice(0, 1), '--json', ...argv.slice(1)]);
    expect([json.code, json.stdout]).toEqual([2, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ type: 'urn:envoyage:problem:usage', detail: message });
  });

  it('is red on a terminal, and not with NO_COLOR', async () => {
    expect((await run(['frobnicate'], { terminal: 80 })).stderr).toContain('\u001b[31merror:');
    expect((await run(['frobnicate'], { terminal: 80, env: { NO_COLOR: '1' } })).stderr).toMatch(/^error:/);
  });
});
