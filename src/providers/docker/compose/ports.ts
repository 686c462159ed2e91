import type { Container, Port } from '../container.ts';

type Published = Container['published'][number];

/** Ports as compose files write them. What cannot be read is left out: compose itself complains of that. */

/** Of `expose`: `3000`, `"3000-3005"`, `53/udp`. */
export function exposedPorts(value: unknown): Port[] {
  return items(value).flatMap((item) => {
    const [, range = '', protocol = 'tcp'] = /^([\d-]+)(?:\/(tcp|udp|sctp))?$/.exec(String(item)) ?? [];
    return portsIn(range).map((port) => ({ port, protocol: protocol as Port['protocol'] }));
  });
}

/** Of `ports`: `"8080:80"`, `"127.0.0.1:8080:80/tcp"`, `"80"`, or a map with target and published. A port that the engine chooses is 0. */
export function publishedPorts(value: unknown): Published[] {
  return items(value).flatMap((item) => (typeof item === 'object' && item !== null ? longForm(item as Record<string, unknown>) : shortForm(String(item))));
}

function shortForm(text: string): Published[] {
  const [, ip4, ip6, , host = '', inner = '', protocol = 'tcp'] =
    /^(?:(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-fA-F:.]+)\]):)?((\d[\d-]*)?:)?(\d[\d-]*)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  return pair(inner, host, ip4 ?? ip6 ?? '', protocol);
}

function longForm({ target, published, host_ip: ip = '', protocol = 'tcp' }: Record<string, unknown>): Published[] {
  return pair(String(target ?? ''), String(published ?? ''), String(ip), String(protocol));
}

function pair(inner: string, host: string, hostIp: string, protocol: string): Published[] {
  const outer = portsIn(host);
  return portsIn(inner).map((port, i) => ({ port, protocol: protocol as Port['protocol'], hostIp, hostPort: outer[i] ?? 0 }));
}

const MOST = 1000;

function portsIn(range: string): number[] {
  const [first = 0, last = first] = range === '' ? [] : range.split('-').map(Number);
  if (!(first >= 1 && last >= first && last <= 65535)) return [];
  return Array.from({ length: Math.min(MOST, last - first + 1) }, (_, i) => first + i);
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
