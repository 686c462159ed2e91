import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { testEnvoy } from './envoys.ts';
import { freePort } from './ports.ts';
import { BINARY, run, tempDir } from './program.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

interface Step {
  readonly command: string;
  /** Each of these is in what it prints, sooner or later. */
  readonly prints: readonly string[];
}

/** The commands in the console blocks of a README, with what it says that they print. */
export function stepsIn(readme: string): Step[] {
  const steps: { command: string; prints: string[] }[] = [];
  for (const [, block = ''] of readme.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const line of block.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), prints: [] });
      else steps.at(-1)?.prints.push(line);
    }
  }
  return steps;
}

/**
 * Runs the README of an example from top to bottom in a copy of its folder, with other ports: what goes on runs until the end, as
 * `envoyage up` does, and what prints something is asked until it prints what the README says.
 * @param files those in which ports are written
 * @returns how many commands were run
 */
export async function runReadme(example: string, files: readonly string[]): Promise<number> {
  const copy = tempDir();
  const folder = join(copy.path, example);
  cpSync(join(EXAMPLES, example), folder, { recursive: true });
  cpSync(join(EXAMPLES, 'quickstart'), join(copy.path, 'quickstart'), { recursive: true });
  const [http, xds, ...others] = await Promise.all(Array.from({ length: 6 }, freePort));
  const ports = new Map(['10000', '5678', '5679', '8000'].map((written, i) => [written, String(others[i])]));
  const moved = (text: string): string => text.replace(/\b(10000|5678|5679|8000)\b/g, (written) => ports.get(written) ?? written);
  for (const file of files) writeFileSync(join(folder, file), moved(readFileSync(join(folder, file), 'utf8')));
  const env = {
    PATH: `${dirname(BINARY)}:${dirname(process.execPath)}:${process.env.PATH}`,
    ENVOY_BIN: await testEnvoy('1.40.0'),
    ENVOYAGE_SERVER: `http://127.0.0.1:${http}`,
    ENVOYAGE_HTTP_ADDRESS: `127.0.0.1:${http}`,
    ENVOYAGE_XDS_ADDRESS: `127.0.0.1:${xds}`,
    ENVOYAGE_LISTENER: `127.0.0.1:${ports.get('10000')}`,
    ENVOYAGE_DATA_DIR: join(copy.path, 'data'),
  };
  const steps = stepsIn(moved(readFileSync(join(folder, 'README.md'), 'utf8'))).map(({ command, prints }): Step => {
    if (!command.startsWith('envoyage up ')) return { command, prints };
    const local = command.replace(/^envoyage up/, 'envoyage up --admin-address 127.0.0.1:0 --node-id example');
    return { command: local.endsWith(' &') ? local : `${local} &`, prints };
  });
  try {
    const { code, stdout, stderr } = await run('bash', ['-c', scriptOf(steps)], env, folder);
    if (code !== 0) throw new Error(stdout + stderr);
  } finally {
    copy.remove();
  }
  return steps.length;
}

/**
 * The steps as one script of bash: what goes on (` &`) is ended with the script, and everything else is tried for a minute, until it prints what it
 * should, or, where that is nothing, has gone well.
 */
export function scriptOf(steps: readonly Step[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = steps.map(({ command, prints }) => {
    if (/ &$/.test(command)) return `exec_ ${quoted(command.replace(/ &$/, ''))}`;
    return `until_ ${[command, ...prints].map(quoted).join(' ')}`;
  });
  return `set -eu
pids=()
trap 'kill "\${pids[@]}" 2>/dev/null || true; wait' EXIT
exec_() { bash -c "exec $1" >>log 2>&1 & pids+=($!); }
until_() {
  local command=$1 output='' i line all
  shift
  for ((i = 0; i < 300; i++)); do
    all=yes
    output=$(eval "$command" 2>&1) || (($# > 0)) || all=''
    for line in "$@"; do [[ $output == *"$line"* ]] || all=''; done
    [[ -z $all ]] || { echo "$output"; return; }
    sleep 0.2
  done
  echo "$command printed: $output" >&2
  tail -n 20 log >&2
  return 1
}
${lines.join('\n')}
`;
}
