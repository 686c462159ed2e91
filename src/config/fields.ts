/** The kinds of values that options have. A fault is the rest of a sentence that begins with the option and its value. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { dnsNameFault, type HostPort, parseHostPort } from '../lib/address.ts';
import { groupSchema } from '../model/service.ts';

/** @param lowestPort 0 where "any free port" makes sense (listening), 1 where it does not (connecting) */
export function address(lowestPort: 0 | 1) {
  return z.string({ error: 'must be HOST:PORT' }).transform((value, context): HostPort => {
    try {
      return parseHostPort(value, lowestPort);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: (thrown as Error).message });
      return z.NEVER;
    }
  });
}

export const hostName = z
  .string({ error: 'must be a host name' })
  .toLowerCase()
  .superRefine((name, context) => {
    const fault = isIP(name) === 0 ? dnsNameFault(name) : undefined;
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

export const path = z.string({ error: 'must be a path' }).min(1, { error: 'is empty' });

export const flag = z.boolean({ error: 'must be true or false' });

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

export function wholeNumber(least: number, most: number, unit: string) {
  const error = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export const DEFAULT_LISTENER: HostPort = { host: '127.0.0.1', port: 10000 };

/** Envoy resolves no names for the addresses that it listens on. */
const listenerAddress = address(0).refine(({ host }) => isIP(host) !== 0, { error: 'must have an IP address as its host, as in 0.0.0.0:80' });

/**
 * Addresses by group, always with `default`. Groups are names that Envoys choose, so the map has no prototype: else
 * `constructor` would seem to have a listener.
 */
export const listeners = z
  .record(groupSchema, listenerAddress, { error: 'must be a map from groups to addresses, as in {default: 127.0.0.1:10000, edge: 0.0.0.0:80}' })
  .default({})
  .transform(
    (given): Readonly<Record<string, HostPort>> => Object.assign(Object.create(null) as Record<string, HostPort>, { default: DEFAULT_LISTENER }, given),
  );

/** Groups, and `*` for all of them. */
export const onDemandGroups = z.array(z.literal('*').or(groupSchema), { error: 'must be a list of groups, as in [edge]' }).default([]);
