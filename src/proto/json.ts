export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export const TYPE_URL_PREFIX = 'type.googleapis.com/';

/** The message names of every `Any` (`"@type": "type.googleapis.com/…"`) in the value. */
export function typeNamesIn(value: Json, found: string[] = []): string[] {
  if (Array.isArray(value)) {
    for (const item of value) typeNamesIn(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '@type' && typeof item === 'string') found.push(item.slice(item.lastIndexOf('/') + 1));
      else typeNamesIn(item, found);
    }
  }
  return found;
}
