/** Of the host's own engine: no agent may go by it. */
export const LOCAL_HOST = 'local';

/** Why `name` cannot be the name of an agent, as the rest of a sentence that begins with it; undefined where it can. */
export function agentNameFault(name: string): string | undefined {
  if (name === LOCAL_HOST) return 'is what the host of the daemon is called';
  if (/^[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?$/.test(name)) return undefined;
  return 'is not 1 to 128 lower-case letters, digits, dots, hyphens or underscores, with a letter or digit at both ends';
}
