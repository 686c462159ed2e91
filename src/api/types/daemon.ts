/** The daemon itself, and how it is. */

/** Answer of GET /xds/stats. */
export interface XdsStats {
  /** RFC 3339; null before the first. */
  readonly last_update: string | null;
  readonly update_count: number;
  /** `http://127.0.0.1:9090`, `https://…` where the xDS server speaks TLS. */
  readonly xds_server_url: string;
  readonly nodes: number;
  readonly streams: number;
  readonly types: Readonly<Record<string, { readonly sent: number; readonly acked: number; readonly rejected: number }>>;
}

export interface Health {
  readonly status: 'healthy';
  readonly service: 'envoyage';
}

export interface Ready {
  readonly status: 'ready' | 'not-ready';
  readonly checks: Readonly<Record<string, boolean>>;
}

/** Answer of GET /api/v1/daemon. */
export interface DaemonInfo {
  readonly version: string;
  readonly startedAt: string;
  readonly revision: number;
  readonly dataDir: string;
  /** HOST:PORT that Envoys are told to dial. */
  readonly xdsAddress: string;
  /** All of them: that one, and those to dial when the ones before are gone. */
  readonly xdsAddresses: readonly string[];
  readonly xdsTls: boolean;
  readonly httpAddress: string;
  /** By group; `default` holds for groups that are not named. HOST:PORT */
  readonly listeners: Readonly<Record<string, string>>;
}
