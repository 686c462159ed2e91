import type { JsonObject } from '../proto/json.ts';
import { configSource, type Flavour } from './config-source.ts';

/** config.route.v3.RouteConfiguration without its virtual hosts. */
export function routeConfiguration(name: string): JsonObject {
  // Clients name the port in the Host header where it is not the scheme's own; a service is meant on any port.
  return { name, ignorePortInHostMatching: true };
}

/** One whose virtual hosts Envoy asks for when a request needs them. */
export function onDemandRouteConfiguration(name: string, source: Flavour): JsonObject {
  return { ...routeConfiguration(name), vhds: { configSource: configSource(source, 'DELTA_GRPC') } };
}

/** `repeated VirtualHost virtual_hosts = 2`, length-delimited: (2 << 3) | 2. */
const VIRTUAL_HOSTS_TAG = 0x12;

/**
 * A RouteConfiguration put together from the encoded forms of its parts: fields of a protobuf message concatenate
 * (protobuf encoding guide, "Last One Wins"), so one more host does not encode the others anew.
 */
export function joinRouteConfiguration(head: Uint8Array, virtualHosts: Iterable<Uint8Array>): Buffer {
  const parts: Uint8Array[] = [head];
  for (const bytes of virtualHosts) parts.push(lengthPrefix(bytes.length), bytes);
  return Buffer.concat(parts);
}

function lengthPrefix(length: number): Uint8Array {
  const bytes = [VIRTUAL_HOSTS_TAG];
  let rest = length;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
