import type { Container } from './container.ts';
import type { LabelFault, LabelProblem } from './label-fault.ts';
import { LOCAL } from './published.ts';

/** How containers and labels are called in problems and origins. */

/** `shop-web-1`, `shop-web-1 on host-b` */
export function containerName({ name, id }: Container, host: string): string {
  const called = name === '' ? id.slice(0, 12) : name;
  return host === LOCAL ? called : `${called} on ${host}`;
}

const MOST_NAMED = 3;

/** `container shop-web-1`, `containers a, b, c and 2 more` */
export function originOf(names: readonly string[]): string {
  if (names.length < 2) return `container ${names[0] ?? ''}`;
  const more = names.length - MOST_NAMED;
  return `containers ${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function problemOf(host: string, container: Container, { code, label, message, hint }: LabelFault, key?: string): LabelProblem {
  const origin = `container ${containerName(container, host)}${label === undefined ? '' : `, label ${label}`}`;
  return {
    code,
    ...(key === undefined ? {} : { key }),
    origin,
    message,
    ...(hint === undefined ? {} : { hint }),
    host,
    container: container.id,
    ...(label === undefined ? {} : { label }),
  };
}
