import { isIP } from 'node:net';
import { stringify } from 'yaml';
import { formatHostPort, type HostPort } from '../lib/address.ts';

/** The static cluster through which an Envoy reaches the daemon; the translator's resources refer to it by this name. */
export const XDS_CLUSTER = 'xds_cluster';

/** Where Debian, Alpine and Envoy's own images keep the authorities they trust. Envoy verifies nothing unless told whom to trust. */
export const SYSTEM_CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

export interface BootstrapOptions {
  /** `node.id`: what the daemon calls this Envoy. */
  readonly nodeId: string;
  /** `node.cluster`: decides what this Envoy is given. */
  readonly group: string;
  /** Where the daemon serves xDS. A name is resolved by Envoy, again and again. */
  readonly xds: HostPort;
  /** Further control planes that serve the same: each is for when those before it are gone. */
  readonly xdsOthers?: readonly HostPort[];
  /** Present where the xDS server speaks TLS. */
  readonly xdsTls?: {
    /** PEM, read by Envoy; the system's authorities where it is left out. */
    readonly caFile?: string;
    /** What the certificate must be for; the hosts of `xds` and `xdsOthers` where it is left out. */
    readonly serverName?: string;
    /** What the Envoy shows of itself; PEM, read by Envoy when it starts. */
    readonly client?: { readonly certFile: string; readonly keyFile: string };
  };
  /** Sent as a bearer token with each stream; without percent signs. It stands in the bootstrap as it is. */
  readonly token?: string;
  /** Envoy's admin port; none unless asked for, since whoever reaches it can stop Envoy. */
  readonly admin?: HostPort;
  /** `delta` unless said otherwise. */
  readonly variant?: 'delta' | 'sotw';
}

/**
 * Every Envoy supports these, and none says so by itself: resources that are dropped after a time, on both variants. Of the
 * third there are two spellings, one in the protocol and one on Envoy's page about client features. Without `xds-ttl` they do nothing.
 */
const CLIENT_FEATURES = ['xds.config.supports-resource-ttl', 'xds.config.supports-resource-in-sotw', 'xds.config.resource-in-sotw'];

/** Envoy's YAML reader takes `yes` and `on` for booleans, as YAML 1.1 has it: such names must be quoted. */
const WRITING = { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** A bootstrap as YAML: everything but the way to the daemon comes from the daemon. Same options, same bytes. */
export function renderBootstrap(options: BootstrapOptions): string {
  const places = addressesOf(options).map(formatHostPort).join(', else ');
  const head = [
    `# An Envoy of group ${JSON.stringify(options.group)} that takes its configuration from Envoyage at ${places}.`,
    '# Run it: envoy --disable-hot-restart -c THIS_FILE',
    ...(options.token === undefined ? [] : ['# It holds a token: keep it from others (chmod 600).']),
  ];
  return `${head.join('\n')}\n${stringify(bootstrapObject(options), WRITING)}`;
}

/** The same as an `envoy.config.bootstrap.v3.Bootstrap` in proto3 JSON with the field names of the .proto files. */
export function bootstrapObject(options: BootstrapOptions): Record<string, unknown> {
  return {
    node: { id: options.nodeId, cluster: options.group, client_features: CLIENT_FEATURES },
    dynamic_resources: dynamicResources(options),
    static_resources: { clusters: [xdsCluster(options)] },
    ...(options.admin === undefined ? {} : { admin: { address: socketAddress(options.admin) } }),
    overload_manager: overloadManager(),
  };
}

function dynamicResources({ variant = 'delta', token }: BootstrapOptions) {
  // Without a time limit an Envoy that has no configuration yet says so (/ready is not LIVE) instead of serving nothing;
  // with the default, it would call itself ready after 15 s without the daemon.
  const fromAds = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' };
  return {
    ads_config: {
      api_type: variant === 'delta' ? 'DELTA_GRPC' : 'GRPC',
      transport_api_version: 'V3',
      set_node_on_first_message_only: true,
      grpc_services: [
        {
          envoy_grpc: {
            cluster_name: XDS_CLUSTER,
            // Envoy's default goes up to 30 s: a daemon that was away for a minute would be found late.
            retry_policy: { retry_back_off: { base_interval: '0.5s', max_interval: '5s' } },
          },
          ...(token === undefined ? {} : { initial_metadata: [{ key: 'authorization', value: `Bearer ${token}` }] }),
        },
      ],
    },
    lds_config: fromAds,
    cds_config: fromAds,
  };
}

function addressesOf({ xds, xdsOthers = [] }: BootstrapOptions): readonly HostPort[] {
  return [xds, ...xdsOthers];
}

function xdsCluster(options: BootstrapOptions) {
  const { xdsTls } = options;
  const addresses = addressesOf(options);
  const hasNames = addresses.some(({ host }) => isIP(host) === 0);
  return {
    name: XDS_CLUSTER,
    type: hasNames ? 'STRICT_DNS' : 'STATIC',
    // A name may have addresses of both families while the daemon listens on one: try them all.
    ...(hasNames ? { dns_lookup_family: 'ALL' } : {}),
    connect_timeout: '1s',
    load_assignment: { cluster_name: XDS_CLUSTER, endpoints: addresses.map(locality) },
    ...(addresses.length > 1 ? { outlier_detection: OUTLIER_DETECTION } : {}),
    // Both, since they find out different things: a daemon that hangs, and a network that drops what it no longer knows.
    upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3, keepalive_time: 30, keepalive_interval: 5 } },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '10s' } } },
      },
    },
    ...(xdsTls === undefined ? {} : { transport_socket: tlsSocket(addresses, xdsTls) }),
  };
}

/**
 * Envoy goes to the next address only where it holds those before for unhealthy. It finds out by its own streams: an
 * address that one failed on is left out for five seconds, and where all are, the first one is tried again and again. A
 * stream that the daemon ends itself, to have an Envoy come back, is no failure: its answer has begun.
 */
const OUTLIER_DETECTION = { consecutive_5xx: 1, interval: '1s', base_ejection_time: '5s', max_ejection_time: '5s', max_ejection_percent: 100 };

/** Priorities, not one list: with a list, the daemons would share the fleet, and none would see all of it. */
function locality(address: HostPort, priority: number) {
  return { ...(priority === 0 ? {} : { priority }), lb_endpoints: [{ endpoint: { address: socketAddress(address) } }] };
}

function tlsSocket(addresses: readonly HostPort[], { caFile = SYSTEM_CA_FILE, serverName, client }: NonNullable<BootstrapOptions['xdsTls']>) {
  const names = serverName === undefined ? [...new Set(addresses.map(({ host }) => host))] : [serverName];
  const [first = ''] = names;
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      // RFC 6066 §3: an address is no server name.
      ...(isIP(first) === 0 ? { sni: first } : {}),
      ...(names.length > 1 ? { auto_host_sni: true } : {}),
      common_tls_context: {
        alpn_protocols: ['h2'],
        ...(client === undefined
          ? {}
          : { tls_certificates: [{ certificate_chain: { filename: client.certFile }, private_key: { filename: client.keyFile } }] }),
        validation_context: {
          trusted_ca: { filename: caFile },
          match_typed_subject_alt_names: names.map((name) => ({ san_type: isIP(name) === 0 ? 'DNS' : 'IP_ADDRESS', matcher: { exact: name } })),
        },
      },
    },
  };
}

/** Envoy warns at each start where nothing bounds its connections; the number is the one of its guide for edge proxies. */
function overloadManager() {
  return {
    resource_monitors: [
      {
        name: 'envoy.resource_monitors.global_downstream_max_connections',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
          max_active_downstream_connections: 50_000,
        },
      },
    ],
  };
}

function socketAddress({ host, port }: HostPort) {
  return { socket_address: { address: host, port_value: port } };
}
