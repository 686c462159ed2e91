import type {
  ApiObject,
  AppliedObjects,
  CertificateList,
  ClearedOverrides,
  DaemonInfo,
  Dump,
  ExplainAnswer,
  NodeGroup,
  NodeList,
  ObjectDocument,
  ObjectList,
  OverrideList,
  ProviderDetail,
  ProviderDone,
  ProviderList,
  PushAnswer,
  Quarantine,
  RevisionList,
  Rollout,
  ServiceList,
  WrittenObject,
  WrittenOverride,
  WrittenRevision,
  WrittenService,
} from '../api/types.ts';
import type { AgentStatus } from '../model/agent-status.ts';
import type { PushStatus } from '../model/push-status.ts';
import type { Revision } from '../model/revision.ts';
import { type ClientOptions, type More, open, request, type Wait } from './request.ts';

export type { Wait } from './request.ts';

/** How long the answer may take that is about thousands of objects. */
const LONG_ANSWER_MS = 60_000;

/** Where a real Envoy is asked about each of many groups. */
const ENVOY_ANSWER_MS = 300_000;

export interface NewService {
  readonly id?: string;
  readonly host: string;
  readonly endpoints: readonly string[];
  readonly groups?: readonly string[];
  readonly protocol?: string;
}

export type ProviderAction = 'pause' | 'resume' | 'resync';

export interface NewOverride {
  readonly endpoint?: string;
  readonly weight?: number;
  readonly state?: 'healthy' | 'draining' | 'disabled';
  /** As in `1h`. */
  readonly ttl?: string;
  readonly reason?: string;
}

/** Many objects at once. */
export interface Apply {
  readonly objects: readonly { readonly object: unknown; readonly origin: string }[];
  readonly prune?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly envoy?: boolean;
}

export interface ObjectFilter {
  readonly kind?: string | undefined;
  readonly label?: string | undefined;
  readonly group?: string | undefined;
}

/** The HTTP API, each method one request. All throw the daemon's own EnvoyageError, or daemon-unreachable. */
export interface Client {
  readonly server: string;
  daemon(): Promise<DaemonInfo>;
  services(): Promise<ServiceList>;
  nodes(): Promise<NodeList>;
  certificates(): Promise<CertificateList>;
  explain(query: URLSearchParams): Promise<ExplainAnswer>;
  addService(service: NewService, wait: Wait): Promise<WrittenService>;
  setEndpoints(id: string, endpoints: readonly string[], wait: Wait): Promise<WrittenService>;
  removeService(id: string, wait: Wait): Promise<WrittenRevision>;
  moveNode(id: string, group: string, wait: Wait): Promise<NodeGroup>;
  unmoveNode(id: string, wait: Wait): Promise<NodeGroup>;
  quarantine(group: string | undefined): Promise<Quarantine>;
  /** Has a refused object tried again. */
  release(key: string, group: string | undefined): Promise<Quarantine>;
  providers(): Promise<ProviderList>;
  /** With up to 10,000 problems and keys of objects. */
  provider(name: string): Promise<ProviderDetail>;
  actOnProvider(name: string, action: ProviderAction, wait: Wait): Promise<ProviderDone>;
  overrides(): Promise<OverrideList>;
  putOverride(service: string, override: NewOverride, wait: Wait): Promise<WrittenOverride>;
  /** @param endpoint undefined for all of the service */
  clearOverrides(service: string, endpoint: string | undefined, wait: Wait): Promise<ClearedOverrides>;
  /** Replaces what is pushed under a name. */
  push(name: string, body: Pick<Apply, 'objects'>, query: { ttl?: string | undefined; dryRun: boolean }, wait: Wait): Promise<PushAnswer>;
  renewPush(name: string): Promise<PushStatus>;
  removePush(name: string, wait: Wait): Promise<WrittenRevision>;
  agents(): Promise<{ readonly agents: readonly AgentStatus[] }>;
  /** Ends its lease. */
  forgetAgent(name: string): Promise<unknown>;
  /** Answers when the Envoy holds what its group does, or after `seconds`. */
  nodeGroup(id: string, seconds: number): Promise<NodeGroup>;
  dump(query: { node?: string | undefined; group?: string | undefined; type?: string | undefined }): Promise<Dump>;
  objects(filter: ObjectFilter): Promise<ObjectList>;
  object(kind: string, name: string): Promise<ApiObject>;
  /** @param revision that the object must still have */
  putObject(kind: string, name: string, object: ObjectDocument, revision: number, wait: Wait): Promise<WrittenObject>;
  deleteObject(kind: string, name: string, dryRun: boolean, wait: Wait): Promise<WrittenRevision>;
  apply(body: Apply, wait: Wait): Promise<AppliedObjects>;
  rollback(revision: number, dryRun: boolean, wait: Wait): Promise<AppliedObjects>;
  revisions(limit: number, before: number | undefined): Promise<RevisionList>;
  revision(number: number): Promise<Revision>;
  /** The body as it comes, without a limit of time. @param path after /api/v1/ */
  open(path: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Answers when all Envoys have answered, or after `seconds`. */
  rollout(revision: number, seconds: number): Promise<Rollout>;
}

export function createClient(options: ClientOptions): Client {
  const ask = <T>(method: string, path: string, more: More = {}): Promise<T> => request<T>(options, method, `/api/v1/${path}`, more);
  const service = (id: string): string => `services/${encodeURIComponent(id)}`;
  const object = (kind: string, name: string): string => `objects/${kind}/${encodeURIComponent(name)}`;
  const push = (name: string): string => `providers/push/${encodeURIComponent(name)}`;
  const nodeGroup = (id: string): string => `nodes/${encodeURIComponent(id)}/group`;
  const quarantine = (key: string, group: string | undefined): string => `quarantine${key}${group === undefined ? '' : `?group=${encodeURIComponent(group)}`}`;
  return {
    server: options.server,
    daemon: () => ask('GET', 'daemon'),
    services: () => ask('GET', 'services'),
    nodes: () => ask('GET', 'nodes'),
    certificates: () => ask('GET', 'certificates'),
    explain: (query) => ask('GET', `explain?${query}`),
    addService: (body, wait) => ask('POST', 'services', { body, wait }),
    setEndpoints: (id, endpoints, wait) => ask('PATCH', service(id), { body: { endpoints }, wait }),
    removeService: (id, wait) => ask('DELETE', service(id), { wait }),
    moveNode: (id, group, wait) => ask('PUT', nodeGroup(id), { body: { group }, wait }),
    unmoveNode: (id, wait) => ask('DELETE', nodeGroup(id), { wait }),
    quarantine: (group) => ask('GET', quarantine('', group)),
    release: (key, group) => ask('DELETE', quarantine(`/${encodeURIComponent(key)}`, group)),
    providers: () => ask('GET', 'providers/discovery'),
    provider: (name) => ask('GET', `providers/discovery/${encodeURIComponent(name)}`, { query: { limit: '10000' } }),
    // A pause is there when it is answered: there is nothing to wait for.
    actOnProvider: (name, action, wait) =>
      ask('POST', `providers/discovery/${encodeURIComponent(name)}/${action}`, { wait: action === 'pause' ? undefined : wait }),
    overrides: () => ask('GET', 'overrides'),
    putOverride: (id, body, wait) => ask('PUT', `overrides/${encodeURIComponent(id)}`, { body, wait }),
    clearOverrides: (id, endpoint, wait) => ask('DELETE', `overrides/${encodeURIComponent(id)}`, { wait, query: { endpoint } }),
    push: (name, body, { ttl, dryRun }, wait) =>
      ask('PUT', push(name), { body, wait, query: { ttl, ...(dryRun ? { dryRun: 'true' } : {}) }, answerMs: LONG_ANSWER_MS }),
    renewPush: (name) => ask('POST', `${push(name)}/renew`),
    removePush: (name, wait) => ask('DELETE', push(name), { wait }),
    agents: () => ask('GET', 'agents'),
    forgetAgent: (name) => ask('DELETE', `agents/${encodeURIComponent(name)}`),
    nodeGroup: (id, seconds) => ask('GET', nodeGroup(id), { wait: seconds }),
    dump: (query) => ask('GET', `dump?${new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined))}`),
    objects: (query) => ask('GET', 'objects', { query: { ...query }, answerMs: LONG_ANSWER_MS }),
    object: (kind, name) => ask('GET', object(kind, name)),
    putObject: (kind, name, body, revision, wait) => ask('PUT', object(kind, name), { body, wait, ifMatch: `"${revision}"` }),
    deleteObject: (kind, name, dryRun, wait) => ask('DELETE', object(kind, name), { wait, query: dryRun ? { dryRun: 'true' } : {} }),
    apply: (body, wait) => ask('POST', 'apply', { body, wait, answerMs: body.envoy === true ? ENVOY_ANSWER_MS : LONG_ANSWER_MS }),
    rollback: (revision, dryRun, wait) =>
      ask('POST', 'rollback', { body: { revision }, wait, query: dryRun ? { dryRun: 'true' } : {}, answerMs: LONG_ANSWER_MS }),
    revisions: (limit, before) => ask('GET', 'revisions', { query: { limit: String(limit), before: before?.toString() } }),
    revision: (number) => ask('GET', `revisions/${number}`),
    open: (path, signal) => open(options, `/api/v1/${path}`, signal),
    rollout: (revision, seconds) => ask('GET', `revisions/${revision}/rollout`, { wait: seconds }),
  };
}
