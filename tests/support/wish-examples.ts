import type { z } from 'zod';
import { CERTIFICATE_FIELDS, certificateSchema } from '../../src/model/certificate-schema.ts';
import type { Kind, Wish } from '../../src/model/kinds.ts';
import { LISTENER_FIELDS, listenerSchema } from '../../src/model/listener-schema.ts';
import { RAW_FIELDS, rawSchema } from '../../src/model/raw-schema.ts';
import { ROUTE_FIELDS, routeSchema } from '../../src/model/route-schema.ts';
import { SERVICE_FIELDS, serviceSchema } from '../../src/model/service.ts';
import { Authority } from './certificates.ts';

const PAIR = new Authority('fuzz').issue({ dns: ['web.example.com'] });
const COMMON = { groups: ['default', 'lab'], labels: { team: 'web', 'example.com/tier': '' } };

export interface Example {
  readonly schema: z.ZodType<Wish>;
  readonly fields: readonly string[];
  /** With every field among them. */
  readonly good: readonly object[];
}

/** Of each kind, what it is read by, and some that are good. */
export const EXAMPLES: Readonly<Record<Kind, Example>> = {
  Service: {
    schema: serviceSchema,
    fields: SERVICE_FIELDS,
    good: [
      { host: 'web.example.com', endpoints: ['web-a:5678'] },
      { id: 'web', host: '*.example.com', endpoints: ['10.0.0.1:80', '[::1]:80'], ...COMMON },
    ],
  },
  Route: {
    schema: routeSchema,
    fields: ROUTE_FIELDS,
    good: [
      { kind: 'Route', name: 'api', hosts: ['web.example.com', '*'], to: [{ service: 'web' }], ...COMMON },
      {
        kind: 'Route',
        name: 'split',
        hosts: ['*.example.com'],
        listeners: ['http'],
        priority: 5,
        match: [
          { path: { prefix: '/api' }, methods: ['GET'], headers: { 'x-a': { exact: 'b' }, 'x-p': { present: false } }, query: { q: { regex: 'a+' } } },
          { path: { exact: '/a' } },
          { path: { regex: '/b/[0-9]+' } },
        ],
        to: [
          { service: 'web', weight: 3 },
          { service: 'lab', weight: 1 },
        ],
        rewrite: { prefix: '/v1', host: 'in.example.com' },
        timeout: '15s',
        idleTimeout: '1m',
        retries: { attempts: 2, on: ['5xx'], statuses: [503], perTryTimeout: '1s', backoff: { base: '25ms', max: '1s' } },
        headers: { request: { set: { 'x-b': 'c' }, remove: ['x-d'] }, response: { add: { 'x-e': '%PROTOCOL%' } } },
      },
      {
        kind: 'Route',
        name: 'gone',
        hosts: ['web.example.com'],
        redirect: { scheme: 'https', host: 'b.example.com', port: 8443, path: '/x', status: 308, dropQuery: true },
      },
      { kind: 'Route', name: 'hello', hosts: ['web.example.com'], respond: { status: 200, body: 'hello' } },
    ],
  },
  Listener: {
    schema: listenerSchema,
    fields: LISTENER_FIELDS,
    good: [
      { kind: 'Listener', name: 'http', address: '0.0.0.0:80', protocol: 'http', redirectToHttps: 8443, ...COMMON },
      { kind: 'Listener', name: 'https', address: '[::]:443', protocol: 'https', certificates: ['web'], minTls: '1.3' },
    ],
  },
  Certificate: {
    schema: certificateSchema,
    fields: CERTIFICATE_FIELDS,
    good: [
      { kind: 'Certificate', name: 'web', cert: PAIR.cert, key: PAIR.key, hosts: ['web.example.com', '*.example.com'], ...COMMON },
      { kind: 'Certificate', name: 'web', certFile: '/etc/web.pem', keyFile: '/etc/web.key' },
    ],
  },
  Raw: {
    schema: rawSchema,
    fields: RAW_FIELDS,
    good: [
      { kind: 'Raw', name: 'mine', type: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', resource: { connectTimeout: '1s', type: 'STATIC' }, ...COMMON },
      {
        kind: 'Raw',
        name: 'table',
        type: 'envoy.config.route.v3.RouteConfiguration',
        resource: {
          virtualHosts: [
            { name: 'a', domains: ['*'], typedPerFilterConfig: { a: { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true } } },
          ],
          maxDirectResponseBodySizeBytes: 4096,
          requestHeadersToAdd: [{ header: { key: 'x-a', value: 'b' }, appendAction: 'ADD_IF_ABSENT' }],
        },
      },
    ],
  },
};
