import { systemCode } from '../lib/errors.ts';

/** Why a file could not be read, as the rest of a sentence that begins with its name. */
export function readFault(thrown: unknown): string {
  switch (systemCode(thrown)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied';
    case 'EISDIR':
      return 'is a folder, not a file';
    default:
      return `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}
