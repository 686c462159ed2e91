import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Environment, readDotEnv } from '../../providers/docker/compose/interpolate.ts';
import { type Linted, type LintProblem, lintCompose } from '../../providers/docker/compose/lint.ts';
import type { ComposeText } from '../../providers/docker/compose/read-compose.ts';
import { LABEL_DEFAULTS } from '../../providers/docker/declare.ts';
import { writeJson } from '../change.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Io, painter, type Session } from '../io.ts';
import { table } from '../layout.ts';
import { readTexts } from '../read-texts.ts';
import { count, enumerate, printable } from '../words.ts';

interface LintFlags {
  readonly project?: string;
  readonly dockerNetwork?: string;
  readonly dockerExposeByDefault?: true;
  readonly json?: true;
}

export function define(command: Command, session: Session): void {
  command
    .argument('<file...>', 'compose files; those of one project are read together, as docker compose does it')
    .option('-p, --project <NAME>', 'the name of the compose project, where it is neither in the file nor that of its folder')
    .option('--docker-network <NAME>', 'the network on which Envoys reach containers that have several, as the daemon is told')
    .option('--docker-expose-by-default', 'take containers without envoyage.enable=true, too, as the daemon is told')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nNeither a daemon nor a Docker engine is asked. Variables are replaced by the\nenvironment and the file .env beside the compose file. The exit code is 1 where\nanything is wrong.\n\nExamples:\n  $ envoyage lint docker-compose.yaml\n  $ envoyage lint compose.yaml compose.prod.yaml --json',
    )
    .action(async (files: string[], flags: LintFlags) => {
      session.exitCode = await lint(session, files, flags);
    });
}

async function lint({ io }: Session, files: readonly string[], { project, dockerNetwork, dockerExposeByDefault, json }: LintFlags): Promise<ExitCode> {
  const texts = (await readTexts(files, io)).map((text): ComposeText => ({ ...text, ...surroundings(text.file, io) }));
  const linted = lintCompose(texts, { ...LABEL_DEFAULTS, enabledByDefault: dockerExposeByDefault === true, network: dockerNetwork }, project);
  const isClean = linted.problems.length === 0;
  if (json) writeJson(io, { valid: isClean, services: linted.services, problems: linted.problems });
  else if (isClean) writeServices(io, linted);
  else writeProblems(io, linted.problems);
  return isClean ? EXIT.ok : EXIT.failed;
}

/** The folder gives its name to the project; `.env` in it counts less than the environment. */
function surroundings(file: string, { cwd, env }: Io): { readonly folder: string; readonly environment: Environment } {
  const folder = file === '-' ? cwd : dirname(resolve(cwd, file));
  const dotEnv = join(folder, '.env');
  return { folder: basename(folder), environment: { ...(existsSync(dotEnv) ? readDotEnv(readFileSync(dotEnv, 'utf8')) : {}), ...env } };
}

function writeProblems({ stderr, env }: Io, problems: readonly LintProblem[]): void {
  const paint = painter(stderr, env);
  for (const { origin, message, hint } of problems) {
    stderr.write(`${paint('red', 'error:')} ${printable(`${origin}: ${message}`)}\n`);
    if (hint !== undefined) stderr.write(`${paint('bold', 'hint:')} ${printable(hint)}\n`);
  }
}

function writeServices({ stdout }: Io, { services }: Linted): void {
  if (services.length === 0) {
    stdout.write('no service: no container has labels for Envoyage\n');
    return;
  }
  const rows = services.map(({ name, requests, endpoints }) =>
    [name, requests.length === 0 ? 'routes that you write' : requests.join('\n'), enumerate(endpoints)].map(printable),
  );
  for (const line of table(['SERVICE', 'REQUESTS', 'ENDPOINTS'], rows, stdout.columns ?? 120)) stdout.write(`${line}\n`);
  const unknown = services.filter(({ endpoints }) => endpoints.some((each) => each.endsWith(':?')));
  if (unknown.length > 0) stdout.write(`?: the port that the image exposes, where that is one; else envoyage.port has to say it\n`);
  stdout.write(`${count(services.length, 'service')}, nothing wrong\n`);
}
