import { run } from '../../src/cli/harness.fixture.ts';
import type { TestApi } from './api.ts';

export interface CliRan {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  json<T>(): T;
}

/** Runs a command against the daemon of the test, in the test's folder. */
export async function cli(
  api: TestApi,
  args: readonly string[],
  more: { stdin?: string; env?: Record<string, string>; terminal?: number } = {},
): Promise<CliRan> {
  const { env = {}, ...world } = more;
  const ran = await run(args, { cwd: api.folder, env: { ENVOYAGE_SERVER: `http://127.0.0.1:${api.port}`, ...env }, ...world });
  return { ...ran, json: <T>() => JSON.parse(ran.stdout) as T };
}
