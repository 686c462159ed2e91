/**
 * Makes dist/envoyage, the single binary: a bundle of src/main.ts inside a copy of the Node that runs this file
 * (Node's own single-executable build), with what it needs at run time as assets. Run by `npm run binary`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const BUNDLE = 'dist/envoyage.cjs';
const CONFIG = 'dist/sea.json';
const BINARY = 'dist/envoyage';
/** A binary that runs cannot be written to, and nobody should meet half of one: it is made aside and put in place whole. */
const UNFINISHED = 'dist/envoyage.new';

async function bundle(entry: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    // A code cache rules out import(), so what is imported lazily is required lazily.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    legalComments: 'external',
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

function seaConfig(): object {
  return {
    main: BUNDLE,
    output: UNFINISHED,
    executable: process.execPath,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS is meant for the Node programs of whoever sets it; this one is not to be known as such.
    execArgvExtension: 'none',
    assets: { 'envoy.binpb': join('protos', 'envoy.binpb'), 'better_sqlite3.node': sqliteAddon() },
  };
}

async function main(): Promise<void> {
  mkdirSync('dist', { recursive: true });
  await bundle(process.argv[2] ?? 'src/main.ts');
  writeFileSync(CONFIG, JSON.stringify(seaConfig(), null, 2));
  execFileSync(process.execPath, ['--build-sea', CONFIG], { stdio: ['ignore', 'ignore', 'inherit'] });
  // macOS runs no unsigned program on Apple silicon, and the copy no longer matches Node's own signature.
  if (process.platform === 'darwin') execFileSync('codesign', ['--force', '--sign', '-', UNFINISHED], { stdio: 'inherit' });
  renameSync(UNFINISHED, BINARY);
}

main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
