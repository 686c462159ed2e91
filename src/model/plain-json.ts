/** Deeper than this Envoy reads no message (protobuf's recursion limit). */
const MOST_DEEP = 100;

/**
 * What keeps a value from being JSON as it is, and where; undefined where nothing does. YAML can say more than JSON can, and
 * what would be lost on the way is refused.
 */
export function plainJsonFault(value: unknown): { readonly path: readonly (string | number)[]; readonly message: string } | undefined {
  const left: { value: unknown; path: (string | number)[] }[] = [{ value, path: [] }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value: each, path } = next;
    if (path.length > MOST_DEEP) return { path: path.slice(0, 3), message: `is more than ${MOST_DEEP} levels deep` };
    if (each === null || typeof each === 'string' || typeof each === 'boolean') continue;
    if (typeof each === 'number') {
      if (!Number.isFinite(each)) return { path, message: `must be a number that JSON has, or text, as in "${String(each)}"` };
    } else if (Array.isArray(each)) {
      for (const [i, item] of each.entries()) left.push({ value: item, path: [...path, i] });
    } else if (typeof each === 'object' && isPlain(each)) {
      for (const [key, item] of Object.entries(each)) left.push({ value: item, path: [...path, key] });
    } else {
      return { path, message: 'is nothing that JSON has' };
    }
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === null || prototype === Object.prototype;
}
