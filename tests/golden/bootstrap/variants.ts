import type { BootstrapOptions } from '../../../src/envoy/bootstrap.ts';

/** Bootstraps that cover every option; each has a golden file, and real Envoys are asked whether they accept it. */
export const BOOTSTRAP_VARIANTS: Readonly<Record<string, BootstrapOptions>> = {
  address: { nodeId: 'envoy-1', group: 'default', xds: { host: '127.0.0.1', port: 9090 } },
  'ipv6-address': { nodeId: 'envoy-1', group: 'default', xds: { host: '::1', port: 9090 } },
  name: { nodeId: 'envoy-1', group: 'edge', xds: { host: 'envoyage.example.com', port: 9090 } },
  admin: { nodeId: 'envoy-1', group: 'default', xds: { host: '127.0.0.1', port: 9090 }, admin: { host: '127.0.0.1', port: 9901 } },
  sotw: { nodeId: 'envoy-1', group: 'default', xds: { host: '127.0.0.1', port: 9090 }, variant: 'sotw' },
  tls: { nodeId: 'envoy-1', group: 'edge', xds: { host: 'envoyage.example.com', port: 9090 }, xdsTls: {} },
  'tls-own-ca': {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: '10.0.0.1', port: 9090 },
    xdsTls: { caFile: '/etc/envoyage/ca.pem', serverName: 'envoyage.example.com' },
  },
  'several-addresses': {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: '10.0.0.1', port: 9090 },
    xdsOthers: [
      { host: '10.0.0.2', port: 9090 },
      { host: '::1', port: 9091 },
    ],
  },
  'several-names-tls': {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: 'a.example.com', port: 9090 },
    xdsOthers: [
      { host: 'b.example.com', port: 9090 },
      { host: '10.0.0.3', port: 9090 },
    ],
    xdsTls: { caFile: '/etc/envoyage/ca.pem' },
  },
  'several-tls-one-name': {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: '10.0.0.1', port: 9090 },
    xdsOthers: [{ host: '10.0.0.2', port: 9090 }],
    xdsTls: { caFile: '/etc/envoyage/ca.pem', serverName: 'envoyage.example.com' },
  },
  'tls-address': { nodeId: 'envoy-1', group: 'edge', xds: { host: '10.0.0.1', port: 9090 }, xdsTls: { caFile: '/etc/envoyage/ca.pem' } },
  'tls-client': {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: 'envoyage.example.com', port: 9090 },
    xdsTls: { caFile: '/etc/envoyage/ca.pem', client: { certFile: '/etc/envoyage/envoy-1.crt', keyFile: '/etc/envoyage/envoy-1.key' } },
  },
  token: {
    nodeId: 'envoy-1',
    group: 'edge',
    xds: { host: 'envoyage.example.com', port: 9090 },
    xdsTls: { caFile: '/etc/envoyage/ca.pem' },
    token: 's3cret',
  },
};

/** Those of gRPC clients. */
export const GRPC_BOOTSTRAP_VARIANTS: Readonly<Record<string, BootstrapOptions>> = {
  grpc: { nodeId: 'shop-1', group: 'default', xds: { host: '127.0.0.1', port: 9090 } },
  'grpc-tls': { nodeId: 'shop-1', group: 'edge', xds: { host: 'envoyage.example.com', port: 9090 }, xdsTls: {} },
  'grpc-tls-own-ca': { nodeId: 'shop-1', group: 'edge', xds: { host: '::1', port: 9090 }, xdsTls: { caFile: '/etc/envoyage/ca.pem' } },
};

/** What envoy/bootstrap.yaml, the one of the container stack, is made from. */
export const COMPOSE_BOOTSTRAP: BootstrapOptions = {
  nodeId: 'envoy-1',
  group: 'default',
  xds: { host: 'envoyage', port: 9090 },
  admin: { host: '127.0.0.1', port: 9901 },
};
