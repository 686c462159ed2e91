import { z } from 'zod';
import { BALANCERS } from '../model/balancer.ts';
import { PROTOCOLS } from '../model/protocol.ts';
import { serviceFields } from '../model/service.ts';

/** Services in answers, and in merge patches, as the OpenAPI document has them. */

const text = z.string().optional();
const number = z.number().optional();
const texts = z.array(z.string()).optional();

const endpoint = z.union([
  z.string(),
  z.object({ address: z.string(), weight: number, zone: text, priority: number, state: z.enum(['unhealthy', 'draining', 'disabled']).optional() }),
]);

/** The one form that equal content has: what holds anyway is left out. */
export const serviceShape = z.object({
  id: z.string(),
  host: text,
  endpoints: z.array(endpoint),
  protocol: z.enum(PROTOCOLS).optional(),
  tls: z
    .object({ sni: text, ca: text, caFile: text, verify: z.literal(false).optional(), names: texts, certificate: text, alpn: z.literal('http/1.1').optional() })
    .optional(),
  balancer: z
    .object({
      policy: z.enum(BALANCERS).optional(),
      hashOn: z.object({ header: text, cookie: text, ttl: text, sourceIp: z.literal(true).optional() }).optional(),
      panic: number,
      slowStart: text,
    })
    .optional(),
  health: z
    .object({
      type: z.enum(['tcp', 'grpc']).optional(),
      path: text,
      host: text,
      statuses: z.array(z.union([z.number(), z.string()])).optional(),
      interval: text,
      timeout: text,
      healthy: number,
      unhealthy: number,
    })
    .optional(),
  outlier: z.object({ consecutive5xx: number, consecutiveGatewayFailures: number, interval: text, ejectionTime: text, maxEjected: number }).optional(),
  timeouts: z.object({ connect: text, idle: text }).optional(),
  limits: z.object({ connections: number, pendingRequests: number, requests: number, retries: number }).optional(),
  groups: texts,
  labels: z.record(z.string(), z.string()).optional(),
});

/** A member of an object that is merged with what is there; null takes it away. */
const merged = (what: string) =>
  z
    .record(z.string(), z.unknown())
    .nullable()
    .optional()
    .meta({ description: `Merged with the ${what} that it has.` });

const { endpoints, protocol, balancer, host, groups } = serviceFields;

export const servicePatch = {
  host: host.nullable(),
  endpoints: endpoints.optional(),
  protocol: protocol.nullable(),
  tls: merged('tls'),
  balancer: z
    .union([balancer, z.record(z.string(), z.unknown())])
    .nullable()
    .optional(),
  health: merged('health'),
  outlier: merged('outlier'),
  timeouts: merged('timeouts'),
  limits: merged('limits'),
  groups: groups.nullable(),
  labels: merged('labels'),
};
