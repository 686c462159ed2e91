import { type Document, parseDocuments, type TextFault } from '../../../documents/parse.ts';
import { pointer } from '../../../model/validation.ts';
import { PREFIX } from '../label-key.ts';
import { type Environment, interpolate } from './interpolate.ts';

/** One compose file, with its variables replaced. */
export interface ComposeFile {
  /** As it says it, or as its folder is called. */
  readonly project: string;
  readonly services: Readonly<Record<string, Record<string, unknown>>>;
  /** By the name that services call them by, what the engine calls them. */
  readonly networks: Readonly<Record<string, string>>;
  readonly positionOf: Document['positionOf'];
  /** Variables that have no value, by the pointer of the text that they are in. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

export interface ComposeText {
  /** As people gave it. */
  readonly file: string;
  readonly text: string;
  /** The name of the folder that it is in. */
  readonly folder: string;
  readonly environment: Environment;
}

type Fields = Record<string, unknown>;

/** @param project what the project is called whatever the file says; @param hear of what is wrong with the file itself */
export function readCompose(
  { file, text, folder, environment }: ComposeText,
  project: string | undefined,
  hear: (fault: TextFault) => void,
): ComposeFile | undefined {
  const { documents, faults } = parseDocuments(text, file);
  for (const fault of faults) hear(fault);
  const [document] = documents;
  if (document === undefined) {
    if (faults.length === 0) hear({ origin: `${file}:1:1`, message: 'this is no compose file: there is nothing in it' });
    return undefined;
  }
  const missing = new Map<string, readonly string[]>();
  const value = replaced(document.value, [], document, environment, missing, hear);
  const services = fieldsOf(fieldsOf(value)?.['services']);
  if (services === undefined) {
    hear({ origin: document.origin, message: 'this is no compose file: it has no services' });
    return undefined;
  }
  const top = fieldsOf(value) ?? {};
  const name = projectName(project ?? environment['COMPOSE_PROJECT_NAME'] ?? (typeof top['name'] === 'string' && top['name'] !== '' ? top['name'] : folder));
  const known: Record<string, Fields> = {};
  for (const [service, said] of Object.entries(services)) known[service] = fieldsOf(said) ?? {};
  for (const [service, said] of Object.entries(known)) swarmLabels(service, said, document, hear);
  return { project: name, services: known, networks: networksOf(top['networks'], name), positionOf: document.positionOf, missing };
}

/** The value with the variables of all its texts replaced. */
function replaced(
  value: unknown,
  path: readonly PropertyKey[],
  document: Document,
  environment: Environment,
  missing: Map<string, readonly string[]>,
  hear: (fault: TextFault) => void,
): unknown {
  const deeper = (each: unknown, key: PropertyKey): unknown => replaced(each, [...path, key], document, environment, missing, hear);
  if (typeof value === 'string') {
    const found = interpolate(value, environment);
    const place = pointer(path);
    if (found.fault !== undefined) hear({ origin: document.positionOf(place), message: found.fault });
    if (found.missing.length > 0) missing.set(place, found.missing);
    return found.text;
  }
  if (Array.isArray(value)) return value.map(deeper);
  const fields = fieldsOf(value);
  return fields === undefined ? value : Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, deeper(each, key)]));
}

/** As compose makes a name of that of a folder. */
export function projectName(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '')
      .replace(/^[_-]+/, '') || 'default'
  );
}

function networksOf(value: unknown, project: string): Record<string, string> {
  const names: Record<string, string> = { default: `${project}_default` };
  for (const [key, said] of Object.entries(fieldsOf(value) ?? {})) {
    const { name, external } = fieldsOf(said) ?? {};
    const outer = fieldsOf(external)?.['name'];
    if (typeof name === 'string') names[key] = name;
    else if (external !== undefined && external !== false) names[key] = typeof outer === 'string' ? outer : key;
    else names[key] = `${project}_${key}`;
  }
  return names;
}

/** They are of the service in a Swarm, and no container has them. */
function swarmLabels(service: string, said: Fields, { positionOf }: Document, hear: (fault: TextFault) => void): void {
  const labels = fieldsOf(said['deploy'])?.['labels'];
  const names = Array.isArray(labels) ? labels.map(String) : Object.keys(fieldsOf(labels) ?? {});
  const at = names.findIndex((name) => name.startsWith(PREFIX));
  if (at < 0) return;
  const place = pointer(['services', service, 'deploy', 'labels', Array.isArray(labels) ? at : (names[at] ?? '')]);
  hear({ origin: positionOf(place), message: 'labels under "deploy" are not on containers: say them under "labels" of the service' });
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
