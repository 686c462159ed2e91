import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readTokenFile, xdsTokenFault } from '../../config/token.ts';
import type { BootstrapOptions } from '../../envoy/bootstrap.ts';
import { formatHostPort, type HostPort, parseHostPort } from '../../lib/address.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { isUnspecified } from '../dial.ts';
import { readAddress, readGroup, readNodeId } from '../input.ts';
import type { Io, Session } from '../io.ts';

interface BootstrapFlags extends ClientFlags {
  readonly nodeId?: string;
  readonly group?: string;
  readonly xdsAddress?: readonly string[];
  readonly xdsCa?: string;
  readonly xdsClientCert?: string;
  readonly xdsClientKey?: string;
  readonly xdsTokenFile?: string;
  readonly adminAddress?: string;
  readonly sotw?: true;
  readonly grpc?: true;
}

const EXAMPLES = `
Examples:
  $ envoyage bootstrap --node-id edge-1 --group edge > edge-1.yaml
  $ envoy --disable-hot-restart -c edge-1.yaml

  $ envoyage bootstrap --grpc --node-id shop-1 > grpc.json
  $ GRPC_XDS_BOOTSTRAP=grpc.json ./shop    # which dials xds:///web.example.com`;

export function define(command: Command, session: Session): void {
  command
    .option('--node-id <ID>', "what the daemon is to call it (default this machine's name)")
    .option('--group <GROUP>', 'which services and which listener it gets (default "default")')
    .option(
      '--xds-address <HOST:PORT>',
      'where it finds the daemon (default what the daemon says; with this, none needs to run); repeatable: further ones are for when those before are gone',
      (value: string, others: readonly string[] = []) => [...others, value],
    )
    .option('--xds-ca <FILE>', 'the authority that the xDS certificate is checked against, a path on the machine of the Envoy')
    .option('--xds-client-cert <FILE>', 'the certificate that the Envoy shows, a path on its machine')
    .option('--xds-client-key <FILE>', 'the private key of it, a path on its machine')
    .option('--xds-token-file <FILE>', 'holds the token that the Envoy sends, which is put into the bootstrap')
    .option('--admin-address <HOST:PORT>', "open Envoy's admin port; whoever reaches it can stop Envoy")
    .option('--sotw', 'speak the state-of-the-world variant of xDS instead of delta')
    .addOption(new Option('--grpc', 'for a gRPC client without a proxy, in JSON').conflicts(['adminAddress', 'sotw']))
    .addHelpText('after', EXAMPLES);
  addClientFlags(command).action(async (flags: BootstrapFlags) => {
    await bootstrap(session.io, flags);
  });
}

async function bootstrap(io: Io, flags: BootstrapFlags): Promise<void> {
  const options: BootstrapOptions = {
    nodeId: readNodeId(flags.nodeId ?? hostname()),
    group: await readGroup(flags.group ?? 'default'),
    ...(flags.adminAddress === undefined ? {} : { admin: readAddress('--admin-address', flags.adminAddress, 0) }),
    variant: flags.sotw ? 'sotw' : 'delta',
    ...(flags.xdsTokenFile === undefined ? {} : { token: readTokenFile(resolve(io.cwd, flags.xdsTokenFile), '--xds-token-file', xdsTokenFault) }),
    ...(await wayToDaemon(io, flags)),
  };
  if (flags.grpc) {
    const { grpcBootstrapObject, renderGrpcBootstrap } = await import('../../envoy/grpc-bootstrap.ts');
    if (flags.json) writeJson(io, grpcBootstrapObject(options));
    else io.stdout.write(renderGrpcBootstrap(options));
    return;
  }
  const { bootstrapObject, renderBootstrap } = await import('../../envoy/bootstrap.ts');
  if (flags.json) writeJson(io, bootstrapObject(options));
  else io.stdout.write(renderBootstrap(options));
}

/** Where the Envoy dials, and whether it speaks TLS there. */
async function wayToDaemon(io: Io, flags: BootstrapFlags): Promise<Pick<BootstrapOptions, 'xds' | 'xdsOthers' | 'xdsTls'>> {
  const client = clientCertificate(flags);
  const ca = { ...(flags.xdsCa === undefined ? {} : { caFile: flags.xdsCa }), ...(client === undefined ? {} : { client }) };
  const wantsTls = flags.xdsCa !== undefined || client !== undefined;
  if (flags.xdsAddress !== undefined) {
    const way = inOrder(flags.xdsAddress.map((text) => readAddress('--xds-address', text, 1)));
    return wantsTls ? { ...way, xdsTls: ca } : way;
  }
  const { xdsAddresses, xdsTls } = await connect(flags, io).daemon();
  const way = inOrder(xdsAddresses.map((text) => parseHostPort(text, 1)));
  if (isUnspecified(way.xds.host)) {
    throw new EnvoyageError(
      'usage',
      `the daemon listens for Envoys on ${formatHostPort(way.xds)}, which is every address it has and none that could be dialled`,
      {
        hint: 'envoyage bootstrap --xds-address HOST:PORT, or for good envoyage serve --xds-advertise HOST:PORT',
      },
    );
  }
  return xdsTls || wantsTls ? { ...way, xdsTls: ca } : way;
}

function inOrder(addresses: readonly HostPort[]): Pick<BootstrapOptions, 'xds' | 'xdsOthers'> {
  const [xds, ...xdsOthers] = addresses;
  if (xds === undefined) throw new EnvoyageError('internal', 'the daemon names no address that Envoys could dial');
  return { xds, ...(xdsOthers.length === 0 ? {} : { xdsOthers }) };
}

function clientCertificate({ xdsClientCert, xdsClientKey }: BootstrapFlags): { certFile: string; keyFile: string } | undefined {
  if (xdsClientCert !== undefined && xdsClientKey !== undefined) return { certFile: xdsClientCert, keyFile: xdsClientKey };
  if (xdsClientCert === undefined && xdsClientKey === undefined) return undefined;
  const [there, lacking] = xdsClientCert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  throw new EnvoyageError('usage', `--xds-client-${there} is set without --xds-client-${lacking}`, {
    hint: 'envoyage bootstrap --xds-client-cert FILE --xds-client-key FILE',
  });
}
