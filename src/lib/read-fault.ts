import { systemCode } from './errors.ts';

/** Why a file or a folder could not be read, as the rest of a sentence that begins with its name. */
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
    case 'ELOOP':
      return 'is a link that leads in a circle';
    default:
      return `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}
