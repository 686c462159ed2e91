import type { Container, Port } from './container.ts';
import { type Loose, list, loose, text } from './loose.ts';

/** What `docker inspect` tells of a container. */
export interface Facts {
  /** As they were when it was asked; what events told before is for the roster to add. */
  readonly container: Container;
  /** When it was started last, by the engine's clock, milliseconds; missing where it never was. */
  readonly startedAt?: number | undefined;
  /** True where the engine itself says that it is being stopped; podman does. */
  readonly isStopping?: boolean;
  /** As the image or `--stop-signal` names it. */
  readonly stopSignal?: string | undefined;
}

/** Beyond these a container is cut short: what it says is held in memory and sent on by agents. */
const MOST_LABELS = 1000;
const MOST_LABEL_BYTES = 64 * 1024;
const MOST_PORTS = 1000;
const MOST_NETWORKS = 200;

/** Whose labels are kept: ours, and those by which compose and its like name a project. A container may say anything else in others. */
const KEPT_LABELS = /^(?:envoyage(?:\.|$)|com\.docker\.compose\.|com\.docker\.swarm\.|io\.podman\.compose\.)/i;

export const OWN_LABEL = /^envoyage(?:\.|$)/i;

/** @throws Error where it is no answer to an inspection */
export function factsOf(answer: unknown): Facts {
  const inspected = loose(answer);
  const id = text(inspected.Id);
  if (id === undefined || !/^[0-9a-f]{12,64}$/.test(id)) throw new Error('the engine tells of a container without an id');
  const state = loose(inspected.State);
  const config = loose(inspected.Config);
  const settings = loose(inspected.NetworkSettings);
  const status = stateOf(state);
  const ended = whenOf(state.FinishedAt);
  const startedAt = whenOf(state.StartedAt);
  const ports = loose(settings.Ports);
  const bindings = loose(loose(inspected.HostConfig).PortBindings);
  const container: Container = {
    id,
    name: (text(inspected.Name) ?? id.slice(0, 12)).replace(/^\//, ''),
    createdAt: timeOf(inspected.Created),
    labels: keptLabels(loose(config.Labels)),
    state: status,
    health: healthOf(state),
    networkMode: networkMode(loose(inspected.HostConfig), settings),
    networks: networksOf(loose(settings.Networks)),
    // Older podmans leave ExposedPorts out, and Docker empties Ports when a container stops.
    exposed: portsOf([...Object.keys(loose(config.ExposedPorts)), ...Object.keys(ports), ...Object.keys(bindings)]),
    published: publishedOf(ports),
    ...(status === 'running' || status === 'paused' || status === 'created' || ended === undefined ? {} : { exitedAt: new Date(ended).toISOString() }),
  };
  const isStopping = text(state.Status)?.toLowerCase() === 'stopping';
  return { container, startedAt, stopSignal: text(config.StopSignal), ...(isStopping ? { isStopping } : {}) };
}

const STATES: ReadonlySet<string> = new Set(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] satisfies Container['state'][]);

/** Of `State` in an inspection. Podman has more words: `configured` and `initialized` before it runs, `stopping` while it does, `stopped` after. */
export function stateOf(state: Loose): Container['state'] {
  const status = text(state.Status)?.toLowerCase() ?? '';
  if (STATES.has(status)) return status as Container['state'];
  if (status === 'stopping' || (status === '' && state.Running === true)) return 'running';
  return status === 'stopped' ? 'exited' : 'created';
}

function healthOf(state: Loose): Container['health'] {
  const health = text(loose(state.Health ?? state.Healthcheck).Status)?.toLowerCase();
  return health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none';
}

/** Engines write year 1 for never. */
/** In UTC, as Docker writes it to the nanosecond; podman has the zone of its host. The beginning of all time where it says nothing. */
function timeOf(written: unknown): string {
  const said = text(written);
  if (said !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]{8,20}Z$/.test(said)) return said;
  const at = Date.parse(said ?? '');
  return new Date(Number.isNaN(at) ? 0 : at).toISOString();
}

function whenOf(written: unknown): number | undefined {
  const at = Date.parse(text(written) ?? '');
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}

function keptLabels(labels: Loose): Container['labels'] {
  const kept: [string, string][] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(labels)) {
    if (!KEPT_LABELS.test(key) || typeof value !== 'string') continue;
    bytes += key.length + value.length;
    if (kept.length >= MOST_LABELS || bytes > MOST_LABEL_BYTES) break;
    kept.push([key, value]);
  }
  // Without a prototype: anybody may name a label `__proto__`, and a map of text is all that is meant.
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(kept));
}

/** `default` is the bridge, and who attaches a container by a network's id means its name. */
function networkMode(hostConfig: Loose, settings: Loose): string {
  const mode = text(hostConfig.NetworkMode) ?? 'bridge';
  if (mode === 'default' || mode === '') return 'bridge';
  const byId = Object.entries(loose(settings.Networks)).find(
    ([, network]) => /^[0-9a-f]{12,64}$/.test(mode) && text(loose(network).NetworkID)?.startsWith(mode),
  );
  return byId?.[0] ?? mode;
}

function networksOf(networks: Loose): Container['networks'] {
  return Object.entries(networks)
    .slice(0, MOST_NETWORKS)
    .filter(([name]) => name !== 'none' && name !== 'host')
    .map(([name, network]) => {
      const { IPAddress, GlobalIPv6Address } = loose(network);
      return { name, ...given('ip', IPAddress), ...given('ipv6', GlobalIPv6Address) };
    });
}

function given<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { [P in K]?: string }) : {};
}

/** `8080/tcp`. */
function portOf(key: string): Port | undefined {
  const [, digits, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(key) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { port, protocol: protocol as Port['protocol'] } : undefined;
}

function portsOf(keys: readonly string[]): Port[] {
  return [...new Set(keys)]
    .slice(0, MOST_PORTS)
    .flatMap((key) => portOf(key) ?? [])
    .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : Number(a.protocol > b.protocol)));
}

function publishedOf(ports: Loose): Container['published'] {
  return Object.entries(ports)
    .slice(0, MOST_PORTS)
    .flatMap(([key, bindings]) => {
      const port = portOf(key);
      if (port === undefined) return [];
      return list(bindings).flatMap((binding) => {
        const { HostIp, HostPort } = loose(binding);
        const hostPort = Number(HostPort);
        return hostPort >= 1 && hostPort <= 65_535 ? [{ ...port, hostIp: text(HostIp) ?? '', hostPort }] : [];
      });
    });
}
