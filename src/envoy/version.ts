import { runCommand } from './command.ts';

/** Reading 100 MB from a cold disk on a busy machine takes its time. */
const VERSION_TIMEOUT_MS = 60_000;

/** `1.40.0` out of what `envoy --version` prints; undefined where that is not an Envoy's answer. */
export function parseVersion(output: string): string | undefined {
  // envoy  version: 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL
  return /\bversion: [0-9a-f]+\/([0-9]+\.[0-9]+\.[0-9]+[^/\s]*)\//.exec(output)?.[1];
}

/**
 * Runs `path --version`.
 * @throws Error that says why this is no Envoy that runs here, without naming the path
 */
export async function versionOf(path: string): Promise<string> {
  const { code, output } = await runCommand([path, '--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  const version = parseVersion(output);
  if (version !== undefined) return version;
  const said = output.trim().split('\n').slice(0, 3).join(' ').slice(0, 300);
  throw new Error(
    `${code === 0 ? 'is no Envoy' : 'does not run'}: its --version ${said === '' ? `ended with ${code} and said nothing` : `answered "${said}"`}`,
  );
}
