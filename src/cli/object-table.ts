import type { ApiObject } from '../api/types.ts';
import { table } from './layout.ts';
import { withProvider } from './object-name.ts';
import { duration, enumerate, printable } from './words.ts';

/** Objects of any kind, one a line: what each is about, who gets it, and when it changed. */
export function objectTable(objects: readonly ApiObject[], { now, width }: { readonly now: number; readonly width: number }): string {
  const rows = objects.map((object) => [
    object.kind,
    printable(withProvider(object.name, object.provider)),
    printable(about(object)),
    object.groups === undefined ? 'all' : printable(enumerate(object.groups)),
    `${duration(Math.max(0, now - Date.parse(object.updatedAt)))} ago`,
  ]);
  return table(['KIND', 'NAME', 'WHAT', 'GROUPS', 'CHANGED'], rows, width)
    .map((line) => `${line}\n`)
    .join('');
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map((each) => text(each)) : []);

function text(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  const { address, service } = value as { address?: unknown; service?: unknown };
  return text(address ?? service ?? '');
}

/** `web.example.com → web-a:5678` */
function about(object: ApiObject): string {
  const hosts = enumerate(strings(object['hosts']));
  switch (object.kind) {
    case 'Service': {
      const endpoints = enumerate(strings(object['endpoints']));
      return object['host'] === undefined ? `→ ${endpoints}` : `${text(object['host'])} → ${endpoints}`;
    }
    case 'Route':
      return `${hosts} → ${object['redirect'] !== undefined ? 'a redirect' : object['respond'] !== undefined ? 'an answer' : enumerate(strings(object['to']))}`;
    case 'Listener':
      return `${text(object['protocol'])} on ${text(object['address'])}`;
    case 'Certificate':
      return hosts || text(object['certFile']);
    case 'Raw':
      return text(object['type']).replace(/^type\.googleapis\.com\//, '');
    default:
      return hosts;
  }
}
