import type { LaidOverride, OverrideList } from '../api/types.ts';
import type { Override } from '../model/provider-status.ts';
import type { Paint } from './io.ts';
import { table } from './layout.ts';
import { withProvider } from './object-name.ts';
import { duration, printable } from './words.ts';

interface View {
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/** One line for each: what it says of which endpoint, whose it is, when it ends, and why. */
export function renderOverrides({ overrides }: OverrideList, { width, now, paint }: View): string {
  if (overrides.length === 0) return 'No overrides: envoyage override SERVICE ENDPOINT --drain lays one\n';
  const hasReason = overrides.some(({ reason }) => reason !== undefined);
  const rows = overrides.map((each) => [
    printable(withProvider(each.service, each.provider)),
    printable(each.endpoint ?? 'all'),
    `${sayings(each)}${each.inForce ? '' : ` (waits)`}`,
    printable(each.by),
    each.until === undefined ? 'never' : `in ${duration(Math.max(0, Date.parse(each.until) - now))}`,
    ...(hasReason ? [printable(each.reason ?? '')] : []),
  ]);
  const lines = table(['SERVICE', 'ENDPOINT', 'SAYS', 'WHO', 'ENDS', ...(hasReason ? ['WHY'] : [])], rows, width, (text, row, column) => {
    if (row < 0) return paint('dim', text);
    return column === 2 && overrides[row]?.inForce === false ? paint('yellow', text) : text;
  });
  return `${lines.join('\n')}\n`;
}

/** `10.0.0.1:80 of web@docker → draining for 1 h` */
export function describeOverride(override: Override & Pick<LaidOverride, 'provider'>): string {
  const { service, provider, endpoint, at, until } = override;
  const time = until === undefined ? '' : ` for ${duration(Date.parse(until) - Date.parse(at))}`;
  return printable(`${endpoint ?? 'every endpoint'} of ${withProvider(service, provider)} → ${sayings(override)}${time}`);
}

/** `draining, weight 5` */
export function sayings({ state, weight }: Override): string {
  return [...(state === undefined ? [] : [state]), ...(weight === undefined ? [] : [`weight ${weight}`])].join(', ');
}
