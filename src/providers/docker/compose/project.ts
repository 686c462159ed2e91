import { pointer } from '../../../model/validation.ts';
import type { Container, Port } from '../container.ts';
import { exposedPorts, publishedPorts } from './ports.ts';
import { type ComposeFile, fieldsOf } from './read-compose.ts';

/** A label, and where it stands. */
export interface ComposeLabel {
  readonly text: string;
  readonly at: string;
  /** Variables in it that have no value. */
  readonly missing: readonly string[];
}

/** A service as all files of a project say it together: the later one counts, lists are added up. */
export interface ComposeService {
  readonly name: string;
  readonly at: string;
  readonly labels: ReadonlyMap<string, ComposeLabel>;
  readonly exposed: readonly Port[];
  readonly published: Container['published'];
  /** What the engine calls them. */
  readonly networks: readonly string[];
  readonly networkMode: string | undefined;
  readonly containerName: string | undefined;
  readonly replicas: number;
}

export interface ComposeProject {
  readonly name: string;
  readonly services: readonly ComposeService[];
}

/** Files of one project are read as compose reads them with several `-f`. */
export function projectsOf(files: readonly ComposeFile[]): ComposeProject[] {
  return [...Map.groupBy(files, ({ project }) => project)].map(([name, some]) => {
    const services = [...new Set(some.flatMap((file) => Object.keys(file.services)))];
    return { name, services: services.map((service) => serviceOf(service, some)) };
  });
}

const MOST_REPLICAS = 1000;

function serviceOf(name: string, files: readonly ComposeFile[]): ComposeService {
  const said = files.flatMap((file) => {
    const fields = file.services[name];
    return fields === undefined ? [] : [{ file, fields }];
  });
  const last = (key: string): unknown => said.findLast(({ fields }) => fields[key] !== undefined && fields[key] !== null)?.fields[key];
  const published = said.flatMap(({ fields }) => publishedPorts(fields['ports']));
  const scale = last('scale') ?? fieldsOf(last('deploy'))?.['replicas'];
  const mode = last('network_mode');
  const named = last('container_name');
  return {
    name,
    at: said[0]?.file.positionOf(pointer(['services', name])) ?? '',
    labels: new Map(said.flatMap(({ file, fields }) => labelsOf(file, name, fields['labels']))),
    exposed: [...said.flatMap(({ fields }) => exposedPorts(fields['expose'])), ...published.map(({ port, protocol }) => ({ port, protocol }))],
    published,
    networks: networksOf(said),
    networkMode: typeof mode === 'string' ? mode : undefined,
    containerName: typeof named === 'string' && named !== '' ? named : undefined,
    replicas: Math.min(MOST_REPLICAS, Math.max(1, Number.parseInt(String(scale ?? 1), 10) || 1)),
  };
}

/** A map, or a list of `name=value`. */
function labelsOf({ positionOf, missing }: ComposeFile, service: string, labels: unknown): [string, ComposeLabel][] {
  const at = (key: PropertyKey): Pick<ComposeLabel, 'at' | 'missing'> => {
    const place = pointer(['services', service, 'labels', key]);
    return { at: positionOf(place), missing: missing.get(place) ?? [] };
  };
  if (Array.isArray(labels))
    return labels.map((item: unknown, i) => {
      const text = String(item);
      const equals = text.indexOf('=');
      return [equals < 0 ? text : text.slice(0, equals), { text: equals < 0 ? '' : text.slice(equals + 1), ...at(i) }];
    });
  return Object.entries(fieldsOf(labels) ?? {}).map(([key, value]) => [key, { text: value === null || value === undefined ? '' : String(value), ...at(key) }]);
}

function networksOf(said: readonly { readonly file: ComposeFile; readonly fields: Readonly<Record<string, unknown>> }[]): string[] {
  const names = new Set<string>();
  const all = Object.assign({}, ...said.map(({ file }) => file.networks)) as Record<string, string>;
  for (const { fields } of said) {
    const value = fields['networks'];
    const keys = Array.isArray(value) ? value.map(String) : Object.keys(fieldsOf(value) ?? {});
    for (const key of keys) names.add(all[key] ?? key);
  }
  return names.size === 0 ? [all['default'] ?? 'default'] : [...names];
}
