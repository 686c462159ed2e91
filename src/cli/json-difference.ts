/** How two JSON values say the same: field names in the spelling of proto3 JSON, durations without idle zeros. */
export function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'string') return /^-?\d+\.\d+s$/.test(value) ? `${Number(value.slice(0, -1))}s` : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camelCase(key), normal(inner)]));
}

/** Envoy's admin port writes the names of the .proto files. The keys of a map are changed with them, on both sides. */
function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** JSON pointers (RFC 6901) to where two normal values are not the same, parents left out; none where they are. */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
    return keys.flatMap((key) => differences(a[key], b[key], `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`));
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) return a.flatMap((item, i) => differences(item, b[i], `${path}/${i}`));
  return isSame(a, b) ? [] : [path];
}

/** A float is written with as many digits as each side thinks fit. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'number' && typeof b === 'number' && Math.fround(a) === Math.fround(b));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
