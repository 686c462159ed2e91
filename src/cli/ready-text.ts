import type { Options } from '../config/options.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { formatHostPort, type HostPort } from '../lib/address.ts';
import { VERSION } from '../lib/version.ts';
import { DEFAULT_SERVER } from './connect.ts';
import { urlFromHere } from './dial.ts';
import type { Paint } from './io.ts';

export interface Ready {
  readonly httpAddress: HostPort;
  readonly httpTls: boolean;
  readonly tokenFile: string | undefined;
  readonly xdsAddress: HostPort;
  readonly dataDir: string;
  /** The local Envoy of `up`. */
  readonly envoy?: {
    readonly version: string;
    readonly pid: number | undefined;
    readonly nodeId: string;
    readonly group: string;
    readonly listener: HostPort;
    readonly admin: HostPort;
  };
}

export function readyOf(options: Options, daemon: Pick<Daemon, 'httpAddress' | 'xdsAddress'>): Ready {
  return {
    httpAddress: daemon.httpAddress,
    httpTls: options.httpTlsCert !== undefined,
    tokenFile: options.httpTokenFile,
    xdsAddress: daemon.xdsAddress,
    dataDir: options.dataDir,
  };
}

/** What people see when the daemon is up: where everything is, and what to do first. */
export function renderReady(ready: Ready, paint: Paint): string {
  const { envoy } = ready;
  const url = urlFromHere(ready.httpAddress, ready.httpTls);
  const flags = [...(url === DEFAULT_SERVER ? [] : ['--server', url]), ...(ready.tokenFile === undefined ? [] : ['--token-file', ready.tokenFile])]
    .map((word) => ` ${word}`)
    .join('');
  const facts: [string, string][] = [
    ['HTTP API', url],
    ['xDS', formatHostPort(ready.xdsAddress)],
    ['data', ready.dataDir],
  ];
  if (envoy !== undefined) facts.push(['Envoy', `${envoy.version}, serving ${placeOf(envoy.listener)}, admin ${placeOf(envoy.admin)}`]);
  const first: [string, string][] = [['add a service', `envoyage add web.example.com web-a:5678${flags}`]];
  if (envoy === undefined) first.push(['join an Envoy', `envoyage bootstrap${flags} > envoy.yaml`]);
  else if (envoy.listener.port !== 0) first.push(['see it', `curl -H 'Host: web.example.com' ${urlFromHere(envoy.listener, false)}`]);
  const lines = (pairs: readonly [string, string][]): string[] => pairs.map(([name, value]) => `  ${paint('dim', name.padEnd(15))}${value}`);
  return `${[paint('bold', `Envoyage ${VERSION} is ready`), ...lines(facts), '', ...lines(first)].join('\n')}\n\n`;
}

/** With port 0, only Envoy knows which one it took. */
function placeOf({ host, port }: HostPort): string {
  return port === 0 ? `a free port of ${host}` : `http://${formatHostPort({ host, port })}`;
}

/** The same on one line for machines. */
export function renderReadyJson({ httpAddress, httpTls, xdsAddress, dataDir, envoy }: Ready): string {
  const addresses = { httpAddress: formatHostPort(httpAddress), xdsAddress: formatHostPort(xdsAddress), url: urlFromHere(httpAddress, httpTls) };
  const local =
    envoy === undefined ? {} : { envoy: { ...envoy, pid: envoy.pid ?? null, listener: formatHostPort(envoy.listener), admin: formatHostPort(envoy.admin) } };
  return `${JSON.stringify({ version: VERSION, ...addresses, dataDir, ...local })}\n`;
}
