import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Wish } from '../../src/model/kinds.ts';
import { parseWish } from '../../src/model/schemas.ts';
import type { JsonObject } from '../../src/proto/json.ts';

/** Objects in (in.yaml), the route tables of the default group out (out.yaml), or what is wrong with them (error.yaml). */
export const ROUTES_FOLDER = resolve(import.meta.dirname, '../golden/routes');

/** @param wrong those whose name begins with `error-`, or the others */
export function routeCases(wrong: boolean): string[] {
  return readdirSync(ROUTES_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('error-') === wrong)
    .map((entry) => entry.name)
    .toSorted();
}

/** @throws EnvoyageError where an object is wrong */
export function routeObjects(name: string): Wish[] {
  const { objects } = parse(readFileSync(join(ROUTES_FOLDER, name, 'in.yaml'), 'utf8')) as { objects: unknown[] };
  return objects.map(parseWish);
}

export function routeTables(name: string): JsonObject[] {
  return parse(readFileSync(join(ROUTES_FOLDER, name, 'out.yaml'), 'utf8')) as JsonObject[];
}
