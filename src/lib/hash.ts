import { createHash } from 'node:crypto';

/** A content hash, 32 hex digits (the first 128 bits of SHA-256). */
export function contentHash(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}
