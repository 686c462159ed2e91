import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type CommandResult, runCommand } from '../../src/envoy/command.ts';
import { parseLogLine } from '../../src/envoy/log-line.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { ENVOY_INSTALL_TIMEOUT_MS, type ENVOY_VERSIONS, testEnvoy } from './envoys.ts';

/** A real Envoy that is asked about bootstraps: an object each, or the text of one in YAML. */
export interface AskedEnvoy {
  /** For what bootstraps refer to; gone after the tests. */
  readonly folder: string;
  /** What it says of one: all of it. */
  ask(bootstrap: JsonObject | string): Promise<CommandResult>;
  /** How it ended (0 where it takes the bootstrap), and what it logged above level info. */
  validate(bootstrap: JsonObject | string): Promise<{ code: CommandResult['code']; warnings: string[] }>;
}

/** To be called in a `describe`: the Envoy and its folder are there while its tests run. */
export function askedEnvoy(version: (typeof ENVOY_VERSIONS)[number]): AskedEnvoy {
  let envoy: string;
  let folder: string;
  beforeAll(async () => {
    envoy = await testEnvoy(version);
    folder = await mkdtemp(join(tmpdir(), 'envoyage-verdict-'));
  }, ENVOY_INSTALL_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  async function ask(bootstrap: JsonObject | string): Promise<CommandResult> {
    const isText = typeof bootstrap === 'string';
    const file = join(folder, isText ? 'bootstrap.yaml' : 'bootstrap.json');
    await writeFile(file, isText ? bootstrap : JSON.stringify(bootstrap));
    return runCommand([envoy, '--mode', 'validate', '-c', file]);
  }

  return {
    get folder() {
      return folder;
    },
    ask,
    validate: async (bootstrap) => {
      const { code, output } = await ask(bootstrap);
      return { code, warnings: output.split('\n').filter((line) => !['info', undefined].includes(parseLogLine(line)?.level)) };
    },
  };
}
