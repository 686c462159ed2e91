import { normal } from './json-difference.ts';

export type DumpedType = 'cds' | 'eds' | 'lds' | 'rds' | 'sds';

/** One resource that an Envoy has from its control plane. */
export interface Held {
  /** In the spelling of `normal`; undefined where it has none that it works with yet. */
  readonly resource: Readonly<Record<string, unknown>> | undefined;
  /** What it says of a newer version: that it is not ready yet, or why it was refused. */
  readonly note?: string;
}

export type HeldByType = Readonly<Record<DumpedType, ReadonlyMap<string, Held>>>;

type Json = Readonly<Record<string, unknown>>;

/** What is dynamic in the answer of `/config_dump?include_eds` (envoy.admin.v3.ConfigDump); what a bootstrap says is not in it. */
export function heldIn(dump: unknown): HeldByType {
  const parts = list(object(normal(dump))['configs']);
  const all = (field: string): Json[] => parts.flatMap((part) => list(part[field]));
  const clusters = new Map(all('dynamicActiveClusters').map((entry) => held(entry, 'cluster')));
  for (const entry of all('dynamicWarmingClusters')) {
    const [name] = held(entry, 'cluster');
    clusters.set(name, { resource: clusters.get(name)?.resource, note: 'a newer version is not warm yet' });
  }
  return {
    cds: clusters,
    eds: new Map(all('dynamicEndpointConfigs').map((entry) => held(entry, 'endpointConfig', 'clusterName'))),
    lds: new Map(all('dynamicListeners').map(listener)),
    rds: new Map(all('dynamicRouteConfigs').map((entry) => held(entry, 'routeConfig'))),
    sds: new Map([...all('dynamicWarmingSecrets').map(warmingSecret), ...all('dynamicActiveSecrets').map((entry) => held(entry, 'secret'))]),
  };
}

function held(entry: Json, field: string, nameField = 'name'): [string, Held] {
  const { '@type': _, ...resource } = object(entry[field]);
  return [text(resource[nameField]) ?? '', { resource, ...fault(entry) }];
}

function listener(entry: Json): [string, Held] {
  const active = entry['activeState'];
  const note = entry['warmingState'] === undefined ? fault(entry) : { note: 'a newer version is not warm yet' };
  const resource = active === undefined ? undefined : held(object(active), 'listener')[1].resource;
  return [text(entry['name']) ?? '', { resource, ...note }];
}

/** Envoy shows an empty one under the name. */
function warmingSecret(entry: Json): [string, Held] {
  return [text(entry['name']) ?? '', { resource: undefined, note: 'it has not come yet' }];
}

function fault(entry: Json): { note?: string } {
  const details = text(object(entry['errorState'])['details']);
  return details === undefined ? {} : { note: `it refused a newer version: ${details}` };
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
