/** Reading of JSON that others made: what is not there or of another type reads as nothing. */
export type Loose = Readonly<Record<string, unknown>>;

const NOTHING: Loose = Object.freeze(Object.create(null) as Record<string, unknown>);

/** An object; empty where it is none. */
export function loose(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : NOTHING;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
