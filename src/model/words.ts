import { z } from 'zod';

/** Small pieces that the schemas of several kinds are made of. */

/** @param what it is called in messages @param more what else there is to say of one that is out of bounds */
export function wholeNumber(what: string, from: number, to: number, more = '') {
  const error = `${what} must be a whole number from ${from} to ${to}${more}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** What was parsed of optional fields: each there, or undefined, or absent. */
export type Parsed<T extends object> = { readonly [Field in keyof T]: T[Field] | undefined };

/** Without the fields that say nothing. */
export function said<T extends object>(fields: Parsed<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Without the fields, too, that say what holds anyway, and in the order of those. Values are numbers or strings in their one form. */
export function saidUnlessUsual<T extends object>(fields: Parsed<T>, usual: Readonly<Record<keyof T, unknown>>): T {
  const names = Object.keys(usual) as (keyof T)[];
  return said<T>(Object.fromEntries(names.map((name) => [name, fields[name] === usual[name] ? undefined : fields[name]])) as Parsed<T>);
}

export function orNothing<T extends object>(object: T): T | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}
