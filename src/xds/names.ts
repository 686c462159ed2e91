import protobuf from 'protobufjs/minimal.js';
import { ownCopy } from '../lib/bytes.ts';

/**
 * Lists of names as clients send them. An acknowledgement in the state-of-the-world variant repeats every name that it
 * subscribes to, and a fleet asks for the same names over and over: the bytes are compared, and what was read of the same
 * bytes before is used again. Streams that ask for the same names so share one list, and one set of it.
 */

/** Lists up to this are small: there are many different ones, and they must not crowd out those that are costly to read. */
const SMALL_BYTES = 512;
const MOST_KEPT_BYTES = 4 << 20;

interface Entry {
  readonly raw: Buffer;
  readonly names: readonly string[];
}

/** The latest lists, most recently used first, in their encoded form. */
const kept = { small: [] as Entry[], large: [] as Entry[] };
const MOST_KEPT = 16;

/**
 * Reads `repeated string` fields that follow each other.
 * @param raw tags included; not kept
 * @returns the same list for the same bytes, as long as it is remembered
 * @throws Error where the bytes are not strings
 */
export function readNames(raw: Buffer): readonly string[] {
  if (raw.length > MOST_KEPT_BYTES) return decode(raw);
  const entries = raw.length <= SMALL_BYTES ? kept.small : kept.large;
  const at = entries.findIndex((entry) => entry.raw.length === raw.length && entry.raw.equals(raw));
  const entry = entries[at] ?? { raw: ownCopy(raw), names: decode(raw) };
  if (at !== 0) {
    if (at > 0) entries.splice(at, 1);
    entries.unshift(entry);
    entries.length = Math.min(entries.length, MOST_KEPT);
  }
  return entry.names;
}

function decode(raw: Buffer): readonly string[] {
  const reader = protobuf.Reader.create(raw);
  const names: string[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    names.push(reader.string());
  }
  return names;
}

const WILDCARD = '*';

/** A list without the wildcard, and whether it was in it. */
export interface Asked {
  readonly wildcard: boolean;
  readonly names: ReadonlySet<string>;
}

const asked = new WeakMap<readonly string[], Asked>();

/** What a list asks for; made once for each list. */
export function askedFor(list: readonly string[]): Asked {
  const known = asked.get(list);
  if (known !== undefined) return known;
  const names = new Set(list);
  const made = { wildcard: names.delete(WILDCARD), names };
  asked.set(list, made);
  return made;
}

let ids = 0;
const idOf = new WeakMap<ReadonlySet<string>, number>();

/** Tells sets of names apart. */
export function setId(names: ReadonlySet<string>): number {
  let id = idOf.get(names);
  if (id === undefined) {
    ids++;
    id = ids;
    idOf.set(names, id);
  }
  return id;
}

const differences = new WeakMap<ReadonlySet<string>, { readonly without: ReadonlySet<string>; readonly rest: ReadonlySet<string> }>();

/** The names of one set that the other lacks; the last such difference of a set is remembered. */
export function without(names: ReadonlySet<string>, those: ReadonlySet<string>): ReadonlySet<string> {
  if (those.size === 0) return names;
  const known = differences.get(names);
  if (known?.without === those) return known.rest;
  const rest = names.difference(those);
  differences.set(names, { without: those, rest });
  return rest;
}
