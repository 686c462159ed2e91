import { systemCode } from '../../lib/errors.ts';

/** Why a path could not be read, as the rest of a sentence that begins with it. */
export function faultOf(thrown: unknown): string {
  switch (systemCode(thrown)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied';
    case 'ELOOP':
      return 'is a link that leads in a circle';
    default:
      return thrown instanceof Error && systemCode(thrown) === undefined ? thrown.message : `cannot be read: ${systemCode(thrown) ?? String(thrown)}`;
  }
}
