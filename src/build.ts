/**
 * Makes dist/envoyage, the single binary: a bundle of src/main.ts inside a copy of the Node that runs this file (Node's
 * own single-executable build), with what it needs at run time as assets. `npm run binary` runs it in the project's
 * folder. Needs no network. The binary appears whole or not at all, so one that is running or being tested is left alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ENTRY = 'src/main.ts';
const OUT = resolve('dist');
const NODE_NEEDED = 26;

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${NODE_NEEDED}`,
    // A code cache rules out import(), so what is imported lazily is required lazily.
    supported: { 'dynamic-import': false },
    // Addons that dockerode's way over SSH would like, and does without.
    external: ['cpu-features', '*.node'],
    define: { 'import.meta.dirname': '__dirname' },
    legalComments: 'eof',
    logLevel: 'warning',
  });
}

/** better-sqlite3 knows which of its prebuilt addons fits this platform and C library. */
function sqliteAddon(): string {
  const binding = createRequire(resolve('package.json'))('./node_modules/better-sqlite3/lib/binding.js') as { getPrebuildPath(): string | null };
  const path = binding.getPrebuildPath();
  if (path === null) throw new Error(`better-sqlite3 has no prebuilt addon for ${process.platform}-${process.arch}`);
  return path;
}

/** https://nodejs.org/docs/latest-v26.x/api/single-executable-applications.html */
function seaConfig(): object {
  return {
    main: 'envoyage.cjs',
    output: 'envoyage',
    executable: process.execPath,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS is meant for the Node programs of whoever sets it; this one is not to be known as such.
    execArgvExtension: 'none',
    assets: { 'envoy.binpb': resolve('protos/envoy.binpb'), 'better_sqlite3.node': sqliteAddon() },
  };
}

async function main(): Promise<void> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_NEEDED) throw new Error(`the binary is built by Node ${NODE_NEEDED}, and this is ${process.version}: run npm ci, then npm run binary`);
  mkdirSync(OUT, { recursive: true });
  const work = mkdtempSync(join(OUT, '.build-'));
  try {
    await bundle(join(work, 'envoyage.cjs'));
    writeFileSync(join(work, 'sea.json'), JSON.stringify(seaConfig()));
    // From within its folder, so that stack traces name the bundle alone.
    execFileSync(process.execPath, ['--build-sea', 'sea.json'], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    const binary = join(work, 'envoyage');
    // macOS runs no unsigned program on Apple silicon, and the copy no longer matches Node's own signature.
    if (process.platform === 'darwin') execFileSync('codesign', ['--force', '--sign', '-', binary], { stdio: 'inherit' });
    renameSync(binary, join(OUT, 'envoyage'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
