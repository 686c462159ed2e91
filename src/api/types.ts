/** The shapes of the HTTP API, as its clients see them. The OpenAPI document at /openapi.json says the same. */
import type { CertificateFacts } from '../model/certificate-facts.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Move, Placement } from '../model/placement.ts';
import type { Override, ProviderProblem, ProviderStatus } from '../model/provider-status.ts';
import type { Revision } from '../model/revision.ts';
import type { StoredService } from '../model/service.ts';

/** How far a revision has come. A revision is `live` when every connected Envoy has acknowledged it. */
export interface Rollout {
  readonly revision: number;
  /**
   * `live`: all acknowledged. `pending`: some have not answered yet. `rejected`: all answered, some refused it.
   * `no-envoys`: none is connected; the next to connect gets it.
   */
  readonly state: 'live' | 'pending' | 'rejected' | 'no-envoys';
  /** Envoys connected that the revision goes to. */
  readonly nodes: number;
  /** How many of them acknowledged it. */
  readonly acked: number;
  /** Node ids that have not answered yet, at most 20. */
  readonly pending: readonly string[];
  /** At most 20. */
  readonly rejected: readonly Rejection[];
  /** Milliseconds from the accepted write to the last answer, or until now while pending. */
  readonly elapsedMs: number;
}

export interface Rejection {
  readonly node: string;
  /** `cds`, `eds`, `lds`, `rds`, `sds`. */
  readonly type: string;
  /** Envoy's words. */
  readonly message: string;
}

/** Answer of GET /api/v1/services. */
export interface ServiceList {
  readonly services: readonly StoredService[];
  readonly revision: number;
}

/** Answer of POST with one service, PUT and PATCH. `rollout` is there where `?wait=acked` asked for it. */
export type WrittenService = StoredService & { readonly rollout?: Rollout };

/** Answer of POST with a list of services. */
export interface WrittenServices extends ServiceList {
  readonly rollout?: Rollout;
}

/** Answer of DELETE and of reload-xds. */
export interface WrittenRevision {
  readonly revision: number;
  readonly rollout?: Rollout;
}

/** Answer of PUT of a push. */
export interface PushAnswer {
  readonly name: string;
  readonly provider: string;
  /** The newest, in which all of it is that can be. */
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** How the provider stands; while it is `paused`, what was pushed is kept for later. */
  readonly state: ProviderStatus['state'];
  /** Those in force, and those that went. */
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly result: ObjectResult['result'] }[];
  /** What is wrong with others, the first of them; `problemCount` counts all. */
  readonly problems: readonly ProviderProblem[];
  readonly problemCount: number;
  /** Seconds. */
  readonly ttl?: number;
  readonly expiresAt?: string;
  readonly rollout?: Rollout;
}

/** What one Envoy made of one type. */
export interface NodeType {
  readonly type: string;
  /** Content hash of what was sent last, and of what it acknowledged last. */
  readonly sentVersion: string;
  readonly ackedVersion: string;
  readonly sent: number;
  readonly acked: number;
  readonly rejected: number;
  /** The rejection that stands; gone once what it was about has been replaced or taken away. */
  readonly rejection?: {
    readonly version: string;
    readonly message: string;
    readonly at: string;
    /** Keys of the objects that it may be about, at most 20. */
    readonly objects?: readonly string[];
  };
}

export interface Node {
  readonly id: string;
  readonly group: string;
  /** Why it is in that group. */
  readonly placement: Placement;
  /** `in-sync`: holds the newest. `behind`: an answer is awaited. `rejected`: it refused the newest. `gone`: not connected now. */
  readonly state: 'in-sync' | 'behind' | 'rejected' | 'gone';
  readonly connected: boolean;
  /** `envoy 1.40.0` */
  readonly agent: string;
  readonly address: string;
  /** How many streams it holds open; one with ADS. */
  readonly streams: number;
  readonly variant: 'delta' | 'sotw' | 'mixed' | 'none';
  readonly connectedAt: string;
  readonly lastAnswerAt: string | null;
  /** The newest revision that it has acknowledged in whole; 0 before the first. */
  readonly revision: number;
  readonly types: readonly NodeType[];
}

/** Someone whom the xDS server turned away in the last ten minutes. */
export interface RefusedClient {
  /** IP address. */
  readonly address: string;
  readonly reason: string;
  /** How often for this reason. */
  readonly count: number;
  /** The last time. */
  readonly at: string;
}

/** An object that Envoys refused, at the version that they refused. It is parked until it changes. */
export interface Quarantined {
  /** The id of a service, `Kind/name` of anything else. */
  readonly key: string;
  readonly group: string;
  /** `cds`, `eds`, `lds`, `rds`, `sds`. */
  readonly type: string;
  /** Envoy's words. */
  readonly message: string;
  /** Who refused it first. */
  readonly node: string;
  /** The revision that made it so. */
  readonly revision: number;
  /** The revision of the version that is served in its place; null where it is not served at all. */
  readonly good: number | null;
  readonly since: string;
  /** Where it was said. */
  readonly origin?: string;
}

/** The Envoys of a group that get changes first. */
export interface Canary {
  readonly group: string;
  readonly nodes: readonly {
    readonly id: string;
    /** `stalled`: it did not answer in time, and the others go on without it. */
    readonly state: 'in-sync' | 'waiting' | 'stalled';
    readonly since?: string;
  }[];
  /** Objects whose newest version the others do not have yet. */
  readonly waiting: number;
}

/** A revision that was taken back since too many refused it. */
export interface AutomaticRollback {
  readonly revision: number;
  /** The revision that took it back; null where that failed, and `fault` says why. */
  readonly by: number | null;
  readonly fault?: string;
  readonly group: string;
  /** Of how many nodes how many refused it. */
  readonly refused: number;
  readonly nodes: number;
  /** Envoy's words. */
  readonly message: string;
  readonly at: string;
}

export interface SafetyState {
  /** The oldest first. */
  readonly quarantined: readonly Quarantined[];
  readonly canaries: readonly Canary[];
  /** Since the start, the latest first, at most 20. */
  readonly rollbacks: readonly AutomaticRollback[];
}

/** Answer of GET /api/v1/quarantine. */
export type Quarantine = SafetyState & { readonly revision: number };

export interface NodeList extends SafetyState {
  readonly nodes: readonly Node[];
  /** Who was moved, also where it has not been seen since the start. */
  readonly moved: readonly Move[];
  /** The latest first, at most 100. */
  readonly refused: readonly RefusedClient[];
  readonly revision: number;
}

/** Answer of GET, PUT and DELETE of /api/v1/nodes/{id}/group. */
export interface NodeGroup {
  readonly node: string;
  /** Null where the move of an Envoy was undone that has not been seen since the start: it will say its group when it comes. */
  readonly group: string | null;
  readonly placement: Placement | null;
  /** The newest. */
  readonly revision: number;
  /** Of this one Envoy; there where `?wait=acked` asked for it. `live`: it holds exactly what the group does. */
  readonly rollout?: Rollout;
}

export interface RevisionList {
  /** Newest first. */
  readonly revisions: readonly Revision[];
  /** Pass as `before` for the next page; null on the last. */
  readonly next: number | null;
}

/** Answer of GET /xds/stats. */
export interface XdsStats {
  /** RFC 3339; null before the first. */
  readonly last_update: string | null;
  readonly update_count: number;
  /** `http://127.0.0.1:9090`, `https://…` where the xDS server speaks TLS. */
  readonly xds_server_url: string;
  readonly nodes: number;
  readonly streams: number;
  readonly types: Readonly<Record<string, { readonly sent: number; readonly acked: number; readonly rejected: number }>>;
}

export interface Health {
  readonly status: 'healthy';
  readonly service: 'envoyage';
}

export interface Ready {
  readonly status: 'ready' | 'not-ready';
  readonly checks: Readonly<Record<string, boolean>>;
}

/** Answer of GET /api/v1/daemon. */
export interface DaemonInfo {
  readonly version: string;
  readonly startedAt: string;
  readonly revision: number;
  readonly dataDir: string;
  /** HOST:PORT that Envoys are told to dial. */
  readonly xdsAddress: string;
  /** All of them: that one, and those to dial when the ones before are gone. */
  readonly xdsAddresses: readonly string[];
  readonly xdsTls: boolean;
  readonly httpAddress: string;
  /** By group; `default` holds for groups that are not named. HOST:PORT */
  readonly listeners: Readonly<Record<string, string>>;
}

/** A certificate as Envoys are shown it now: of its key it says nothing. */
export interface CertificateStatus {
  readonly name: string;
  /** Where it comes from: what was applied, or files on the daemon's machine. */
  readonly source: 'inline' | 'files';
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The names that clients may ask for to be shown it. */
  readonly hosts: readonly string[];
  /** Of what is served; null where nothing is. */
  readonly certificate: CertificateFacts | null;
  /** What is the matter: it has expired, or its files hold no pair. What was good is served on. */
  readonly problem?: string;
}

/** Answer of GET /api/v1/certificates. */
export interface CertificateList {
  readonly certificates: readonly CertificateStatus[];
  readonly revision: number;
}

/** Answer of GET /api/v1/providers/discovery. */
export interface ProviderList {
  /** By name; of the problems of each the first ones. */
  readonly providers: readonly ProviderStatus[];
  /** How many overrides there are. */
  readonly overrides: number;
  readonly revision: number;
}

/** Answer of GET /api/v1/providers/discovery/{name}. */
export interface ProviderDetail {
  /** With a page of its problems. */
  readonly provider: ProviderStatus;
  /** A page of the keys of its objects, by key. */
  readonly keys: readonly string[];
  /** Pass as `offset` for the next page of both; null on the last. */
  readonly next: number | null;
  readonly revision: number;
}

/** Answer of POST /api/v1/providers/discovery/{name}/pause, resume and resync. */
export interface ProviderDone {
  readonly provider: ProviderStatus;
  /** Of a resync that was waited for: whether it has published anew. */
  readonly synced?: boolean;
  readonly revision: number;
  /** Of what it declares; there where `?wait=acked` asked for it. */
  readonly rollout?: Rollout;
}

/** An override, and what became of it. */
export type LaidOverride = Override & {
  /** The provider of the service; missing where no provider has it now. */
  readonly provider?: string;
  /** False where it waits: the service or the endpoint is not there now, or the provider has not spoken since the start. */
  readonly inForce: boolean;
};

/** Answer of GET /api/v1/overrides. */
export interface OverrideList {
  /** By service and endpoint. */
  readonly overrides: readonly LaidOverride[];
  readonly revision: number;
}

/** Answer of PUT /api/v1/overrides/{service}. */
export interface WrittenOverride {
  readonly override: LaidOverride;
  readonly revision: number;
  readonly rollout?: Rollout;
}

/** Answer of DELETE /api/v1/overrides/{service}. */
export interface ClearedOverrides {
  readonly cleared: readonly Override[];
  readonly revision: number;
  readonly rollout?: Rollout;
}

/** What one revision did to one object, without its content: GET /api/v1/revisions/{number} has that. */
export interface ChangeSummary {
  readonly kind: string;
  readonly name: string;
  readonly change: 'created' | 'changed' | 'deleted';
  /** The fields that differ, where it was changed. */
  readonly fields?: readonly string[];
}

/** An object that was refused, in an event. */
export interface ParkedObject {
  readonly key: string;
  readonly group: string;
  /** The revision that made it so. */
  readonly of: number;
  /** Where it was said, as far as that is known. */
  readonly origin?: string;
}

/** Something that happened, as GET /api/v1/events tells it. */
export type FleetEvent = {
  /** The newest revision by then; of a revision, its own number. */
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly time: string;
} & (
  | {
      readonly event: 'revision';
      readonly author: string /** Whose objects they are, where a provider has them. */;
      readonly provider?: string;
      readonly changes: readonly ChangeSummary[] /** How many are not listed. */;
      readonly more?: number;
    }
  /** A revision, and those before it that were not published yet, went out to the Envoys. */
  | { readonly event: 'publication' }
  /** Every connected Envoy has answered revision `of`: `rejected` where some refused it. */
  | {
      readonly event: 'live';
      readonly of: number;
      readonly state: 'live' | 'rejected' | 'no-envoys';
      readonly nodes: number;
      readonly acked: number;
      readonly elapsedMs: number;
    }
  | { readonly event: 'connected' | 'gone'; readonly node: string; readonly group: string; readonly agent: string; readonly address: string }
  | { readonly event: 'rejected'; readonly node: string; readonly group: string; readonly type: string; readonly message: string }
  /** Envoys of the group refused an object, and it is parked: revision `good` of it is served, nothing where that is null. */
  | ({
      readonly event: 'quarantined';
      readonly good: number | null;
      readonly type: string;
      /** Who refused it first, and Envoy's words. */
      readonly node: string;
      readonly message: string;
    } & ParkedObject)
  /** It is parked no more: it changed or is gone, or somebody wants it tried again. */
  | ({ readonly event: 'released'; readonly why: 'changed' | 'by-hand' } & ParkedObject)
  /**
   * The Envoys `nodes` of a group get changes up to revision `of` first. `waiting`: the others wait for them; `stalled`: these did not answer
   * in time; `passed`: the others get what waited; `refused`: they do not, since it was parked.
   */
  | {
      readonly event: 'canary';
      readonly group: string;
      readonly state: 'waiting' | 'stalled' | 'passed' | 'refused';
      readonly of: number;
      readonly nodes: readonly string[];
    }
  /** Revision `of`, which too many of the group refused, was taken back by revision `by`; `fault` says why it was not, where that is null. */
  | {
      readonly event: 'rolled-back';
      readonly of: number;
      readonly by: number | null;
      readonly fault?: string;
      readonly group: string;
      readonly refused: number;
      readonly nodes: number;
      readonly message: string;
    }
  /** A provider stands otherwise than before: its state is another one, or the number of its problems, of which the first is told. Once a second at most. */
  | {
      readonly event: 'provider';
      readonly name: string;
      readonly state: ProviderStatus['state'];
      readonly message?: string;
      readonly problems: readonly ProviderProblem[];
      readonly problemCount: number;
    }
  /** Somebody (`by`) laid an override or took one away, or its time is up. */
  | { readonly event: 'override'; readonly what: 'laid' | 'cleared' | 'ended'; readonly by?: string; readonly override: Override }
  /** What happened here is not known any more. `revisions`: not even the revisions up to `revision`; `others`: all but the revisions. */
  | { readonly event: 'gap'; readonly lost: 'revisions' | 'others'; readonly from: number }
);

export type EventName = FleetEvent['event'];

/** An object as people declare it. */
export interface ObjectDocument {
  readonly kind: string;
  readonly name: string;
  readonly groups?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** The same with what the registry adds. */
export interface ApiObject extends ObjectDocument {
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly origin?: string;
  /** The provider that declares it; missing for what people own. */
  readonly provider?: string;
}

export type WrittenObject = ApiObject & { readonly rollout?: Rollout };

/** Answer of GET /api/v1/objects. */
export interface ObjectList {
  readonly objects: readonly ApiObject[];
  readonly revision: number;
}

/** What became of one object. */
export interface ObjectResult {
  readonly kind: string;
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted';
  /** Missing where it is new or unchanged. */
  readonly before?: ObjectDocument;
  /** Missing where it is gone or unchanged. */
  readonly after?: ObjectDocument;
}

/** Answer of POST /api/v1/apply and /api/v1/rollback. */
export interface AppliedObjects {
  /** The revision that was made; the newest one where nothing changed, or would only have. */
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly objects: readonly ObjectResult[];
  /** Where a real Envoy was asked. */
  readonly envoy?: readonly EnvoyVerdict[];
  readonly rollout?: Rollout;
}

/** Answer of GET /api/v1/dump. */
export interface Dump {
  readonly group: string;
  /** Where one node was asked for. */
  readonly node?: string;
  /** False where no such Envoy is connected: it is what one would be given. */
  readonly connected: boolean;
  readonly revision: number;
  /** In the order in which they are sent. */
  readonly resources: readonly DumpedResource[];
}

/** Name, type and resource are those of an object of kind Raw. */
export interface DumpedResource {
  readonly name: string;
  /** The type URL. */
  readonly type: string;
  /** As Envoys report it. */
  readonly version: string;
  /** Canonical JSON; `[redacted]` stands for what nobody is to see. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What a real Envoy made of what a group would be sent. */
export interface EnvoyVerdict {
  readonly group: string;
  readonly outcome: 'accepted' | 'rejected' | 'unknown';
  /** Its version. */
  readonly envoy?: string;
  /** Its words, where it rejected. */
  readonly message?: string;
  /** The cluster or listener that they are about, where it says so. */
  readonly resource?: string;
  /** Why nobody can say. */
  readonly reason?: string;
}

/** Answer of GET /api/v1/explain. */
export interface ExplainAnswer extends Explanation {
  /** The version of Envoy that it holds for: the oldest connected one of the group; null for the newest where none is. */
  readonly envoy: string | null;
  readonly revision: number;
}
