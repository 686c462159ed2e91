import { didYouMean } from '../lib/nearest.ts';

/** What is wrong with a message, and where: canonical field names, indexes of lists, keys of maps. */
export interface Fault {
  readonly path: readonly (string | number)[];
  /** Begins with a small letter, has no full stop at its end. */
  readonly message: string;
}

/** `filterChains[0].filters[0].typedConfig`, `metadata.filterMetadata["envoy.lb"]`; empty for the message itself. */
export function pathText(path: Fault['path']): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[@A-Za-z_]\w*$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** Of the messages with the same last name where there are any: `envoy.api.v2.Cluster` is no `envoy.admin.v3.Clusters`. */
export function unknownMessage(typeName: string, known: Iterable<string>): string {
  const all = [...known];
  const last = typeName.slice(typeName.lastIndexOf('.'));
  const namesakes = all.filter((name) => name.endsWith(last));
  const old = /^envoy\.(?:\w+\.)*v2(?:alpha)?\./.test(typeName) ? ": v2 of Envoy's API ended with Envoy 1.17" : '';
  return `Envoy's API has no message "${shown(typeName)}"${didYouMean(typeName, namesakes.length === 0 ? all : namesakes)}${old}`;
}

/** What somebody made up is shown up to this length. */
export function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
