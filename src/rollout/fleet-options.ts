import type { HostPort } from '../lib/address.ts';
import type { Tracer } from '../lib/tracer.ts';
import type { Stored } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';
import type { Translator } from '../translator/translator.ts';
import type { CanaryStep, ChannelEvents, Safety } from './channel-options.ts';
import type { Desired } from './desired.ts';
import type { Grouping } from './grouping.ts';
import type { Materials } from './materials.ts';
import type { NodeRecord, StreamEvents } from './node.ts';
import type { Ending, QuarantineStore } from './quarantine.ts';

export interface FleetOptions {
  readonly desired: Desired;
  readonly translator: Translator;
  /** Where certificates have what they consist of; unless given, they say it themselves. */
  readonly materials?: Materials | undefined;
  /** What Envoys listen on, by group; `default` for groups that are not named. */
  readonly listeners: Readonly<Record<string, HostPort>>;
  /** Which node belongs where; unless given, by `node.cluster`. */
  readonly grouping?: Grouping;
  /** Groups whose Envoys ask for hosts one by one; `*` for all. */
  readonly onDemand?: readonly string[];
  /** Seconds after which an Envoy without a daemon stops listening; 0 for never. */
  readonly ttl?: number;
  readonly events: StreamEvents;
  readonly safety?: SafetyOptions;
  readonly tracer?: Tracer;
  /** Has published what was committed and is not out yet. */
  flush?(): void;
  /** Called where a node comes or goes. */
  onNode?(node: NodeRecord, what: 'connected' | 'gone'): void;
}

/** How carefully changes go out, and who is told what became of that. */
export interface SafetyOptions {
  /** Unless given, what is refused is quarantined, and nothing else. */
  of?(group: string): Safety;
  /** Where quarantines outlive the daemon. */
  readonly quarantines?: QuarantineStore;
  /** An object as it was as of a revision, from history. */
  asOf?(key: string, revision: number): Stored | undefined;
  /** What was changed since, RFC 3339, as it was before, from history. */
  changedSince?(time: string): ReadonlyMap<string, Stored | undefined>;
  readonly events?: Partial<Pick<ChannelEvents, 'quarantined' | 'stalled' | 'unwanted'>> & {
    /** An object is parked no more. */
    ended?(entry: Quarantined, why: Ending): void;
    canary?(group: string, step: CanaryStep): void;
  };
  /** A quarantine could not be written down. */
  onFault?(thrown: unknown): void;
}
