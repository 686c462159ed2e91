import { formatHostPort, type HostPort, isLoopback } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { flagOf, type OptionName, type Options, propertyOf } from './options.ts';
import { type Fault, invalidConfig, type Sources } from './source.ts';

/**
 * Refuses options that would open the daemon to other machines without the guards that this needs.
 * @param sources where they were said, for the message; without them it names the options alone
 * @throws EnvoyageError insecure-address with what to add; invalid-config for half of a certificate and key
 */
export function requireSecure(options: Options, sources?: Sources): void {
  const said = (name: OptionName): string => {
    const source = sources?.[name];
    return source === undefined || source.from === 'default' || source.where === flagOf(name) ? '' : ` (${source.where})`;
  };
  const halves = [
    ...half('http-tls-cert', options.httpTlsCert, 'http-tls-key', options.httpTlsKey, said),
    ...half('xds-tls-cert', options.xdsTlsCert, 'xds-tls-key', options.xdsTlsKey, said),
    ...half('docker-tls-cert', options.dockerTlsCert, 'docker-tls-key', options.dockerTlsKey, said),
  ];
  halves.push(...withoutUse(options, said));
  if (halves.length > 0) throw invalidConfig(halves, mendHalves(halves));
  const exposed = [...exposedHttp(options, said), ...exposedXds(options, said)];
  if (exposed.length === 0) return;
  throw new EnvoyageError('insecure-address', exposed.map(({ message }) => message).join('; '), {
    hint: exposed.map(({ mend }) => mend).join('; '),
    errors: exposed.map(({ name, message }) => ({ field: `/${name}`, message })),
  });
}

type Said = (name: OptionName) => string;

function half(certName: OptionName, cert: string | undefined, keyName: OptionName, key: string | undefined, said: Said): Fault[] {
  if ((cert === undefined) === (key === undefined)) return [];
  const [there, lacking] = cert === undefined ? ([keyName, certName] as const) : ([certName, keyName] as const);
  return [{ name: lacking, message: `${flagOf(there)}${said(there)} is set without ${flagOf(lacking)}` }];
}

const OF_DOCKER = ['docker-host', 'docker-tls-ca', 'docker-tls-cert', 'docker-address'] as const;

/** What says nothing alone: somebody believes it to be in force. */
function withoutUse(options: Options, said: Said): Fault[] {
  const { xdsTlsCert, xdsClientCa, xdsClientGroups, xdsRevoked } = options;
  const faults: Fault[] = [];
  const needs = (name: OptionName, needed: OptionName): void => {
    faults.push({ name, message: `${flagOf(name)}${said(name)} is set without ${flagOf(needed)}` });
  };
  if (xdsClientCa !== undefined && xdsTlsCert === undefined) needs('xds-client-ca', 'xds-tls-cert');
  if (xdsClientGroups.length > 0 && xdsClientCa === undefined) needs('xds-client-group', 'xds-client-ca');
  if (xdsRevoked !== undefined && xdsClientCa === undefined) needs('xds-revoked', 'xds-client-ca');
  for (const name of OF_DOCKER) if (!options.docker && options[propertyOf(name)] !== undefined) needs(name, 'docker');
  return faults;
}

function mendHalves(faults: readonly Fault[]): string {
  if (faults.some(({ name }) => name.endsWith('-cert') || name.endsWith('-key'))) return 'a certificate and its key go together';
  if (faults.some(({ name }) => name.startsWith('docker-'))) return 'add --docker';
  return 'client certificates need all of --xds-tls-cert FILE --xds-tls-key FILE --xds-client-ca FILE';
}

/** True where whoever reaches the xDS server gets what it has. */
export function isXdsOpen({ xdsAddress, xdsClientCa, xdsTokenFile }: Options): boolean {
  return !isLoopback(xdsAddress.host) && xdsClientCa === undefined && xdsTokenFile === undefined;
}

function exposedHttp(options: Options, said: Said): (Fault & { mend: string })[] {
  const name = 'http-address';
  if (isLoopback(options.httpAddress.host)) return [];
  const lacks: string[] = [];
  const add: string[] = [];
  if (options.httpTokenFile === undefined) {
    lacks.push('a token');
    add.push('--http-token-file FILE');
  }
  if (options.httpTlsCert === undefined) {
    lacks.push('TLS');
    add.push('--http-tls-cert FILE --http-tls-key FILE');
  }
  if (add.length === 0) return [];
  return [{ ...reachable(name, options.httpAddress, said, lacks.join(' and ')), mend: `add ${add.join(' ')}, or ${stayHome(name, options.httpAddress)}` }];
}

function exposedXds(options: Options, said: Said): (Fault & { mend: string })[] {
  const name = 'xds-address';
  if (isLoopback(options.xdsAddress.host) || options.xdsTlsCert !== undefined || options.xdsAllowPlaintext) return [];
  const tls = options.xdsTokenFile === undefined ? '' : ' (without it the tokens of Envoys can be read on the way)';
  const add = `add --xds-tls-cert FILE --xds-tls-key FILE${tls}, or --xds-allow-plaintext where nobody else reads the network`;
  return [{ ...reachable(name, options.xdsAddress, said, 'TLS'), mend: `${add}, or ${stayHome(name, options.xdsAddress)}` }];
}

function reachable(name: OptionName, address: HostPort, said: Said, lacking: string): Fault {
  return { name, message: `${flagOf(name)} ${formatHostPort(address)}${said(name)} can be reached from other machines and lacks ${lacking}` };
}

function stayHome(name: OptionName, { port }: HostPort): string {
  return `stay on this machine with ${flagOf(name)} 127.0.0.1:${port}`;
}
