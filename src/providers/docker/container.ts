/**
 * What is known of the containers of one engine, as `docker inspect` and the engine's events tell it. The half that watches
 * engines makes it, here or on another host (an agent sends it as JSON); the half that reads labels makes services of it.
 */
export interface EngineState {
  /** The host: `local`, or the name of an agent. */
  readonly host: string;
  /** Where other hosts reach published ports, for `envoyage.address=host`; missing where nobody said. */
  readonly address?: string | undefined;
  /** Also those that are gone since lately: see `exitedAt`. */
  readonly containers: readonly Container[];
}

export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without the slash. */
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As the engine says it. `removing`, `exited` and `dead` stay in the list until the linger of its labels has passed. */
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** `none` where it has no health check. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** When it was sent a stop signal (event `kill`) that it has not died of yet, RFC 3339. */
  readonly stoppingSince?: string | undefined;
  /** When it stopped running or was removed, RFC 3339. */
  readonly exitedAt?: string | undefined;
  /** `host`, `none`, `bridge`, `container:<id>` or a network's name. */
  readonly networkMode: string;
  /** Those that it is attached to, by name. */
  readonly networks: readonly { readonly name: string; readonly ip?: string | undefined; readonly ipv6?: string | undefined }[];
  /** By EXPOSE or `--expose`, published ones included. */
  readonly exposed: readonly Port[];
  readonly published: readonly (Port & { readonly hostIp: string; readonly hostPort: number })[];
}

export interface Port {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}
