/**
 * A copy in memory of its own. Small buffers share slabs of Buffer's pool (64 KiB), and one that is kept for long keeps its whole
 * slab: a thousand resources made one by one, amid what is soon thrown away, came to hold 64 MB.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
