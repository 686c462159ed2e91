/**
 * Resources that a client asks for once it needs them, by names that need not be their own (xds_protocol.rst, "Resource
 * names", and vhds.rst). An answer carries the resource's name and, as aliases, what was asked. Incremental variant alone.
 *
 * Every question is answered, since a request waits for the answer: where there is nothing, by a resource of that name
 * without a body. A name that was asked for stays asked for, so that what comes to be there later is sent.
 */
export interface Aliases {
  /** The one form of everything that asks for the same. */
  canonical(asked: string): string;
  /** The patterns that a name in that form falls under, the narrowest first, itself not among them. */
  patterns(name: string): readonly string[];
  isPattern(name: string): boolean;
  /** A name that no resource ever has, of the namespace that clients watch: taking it away says that there is nothing yet. */
  readonly nobody: string;
}

/** What one stream asked for of such a type, and what it holds because of it. */
export interface Demand {
  /** Names in their canonical form. */
  readonly asked: Set<string>;
  /** Those of them that nothing answers to, oldest first. */
  readonly unknown: Set<string>;
  /** Versions of what the client was sent, or came back with, by the resource's own name. */
  readonly held: Map<string, string>;
  /** It has just come back: everything is to be compared. */
  compare: boolean;
}
