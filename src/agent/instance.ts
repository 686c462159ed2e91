import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Of this machine (machine-id(5)), else of its boot. */
const FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id', '/proc/sys/kernel/random/boot_id'];

/**
 * What tells this machine and engine from all others, and is the same after the agent was started anew. It is a hash, since a
 * machine's id is not to be shown around (machine-id(5)).
 * @param engine where the engine is: a machine may have several
 * @param fallback for a machine that says nothing of itself
 */
export function instanceOf(engine: string, fallback: string, files: readonly string[] = FILES): string {
  const machine = files.map(readId).find((id) => id !== '') ?? fallback;
  return createHash('sha256').update(`envoyage agent\n${machine}\n${engine}`).digest('hex').slice(0, 32);
}

function readId(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
