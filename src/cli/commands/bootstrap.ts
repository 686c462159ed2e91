import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import type { BootstrapOptions } from '../../envoy/bootstrap.ts';
import { parseHostPort } from '../../lib/address.ts';
import { EnvoyageError } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import { isUnspecified } from '../dial.ts';
import { readAddress, readGroup, readNodeId } from '../input.ts';
import type { Io, Session } from '../io.ts';

interface BootstrapFlags extends ClientFlags {
  readonly nodeId?: string;
  readonly group?: string;
  readonly xdsAddress?: string;
  readonly xdsCa?: string;
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
    .option('--xds-address <HOST:PORT>', 'where it finds the daemon (default what the daemon says; with this, none needs to run)')
    .option('--xds-ca <FILE>', 'the authority that the xDS certificate is checked against, a path on the machine of the Envoy')
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
async function wayToDaemon(io: Io, flags: BootstrapFlags): Promise<Pick<BootstrapOptions, 'xds' | 'xdsTls'>> {
  const ca = flags.xdsCa === undefined ? {} : { caFile: flags.xdsCa };
  if (flags.xdsAddress !== undefined) {
    const xds = readAddress('--xds-address', flags.xdsAddress, 1);
    return flags.xdsCa === undefined ? { xds } : { xds, xdsTls: ca };
  }
  const { xdsAddress, xdsTls } = await connect(flags, io).daemon();
  const xds = parseHostPort(xdsAddress, 1);
  if (isUnspecified(xds.host)) {
    throw new EnvoyageError('usage', `the daemon listens for Envoys on ${xdsAddress}, which is every address it has and none that could be dialled`, {
      hint: 'envoyage bootstrap --xds-address HOST:PORT, or for good envoyage serve --xds-advertise HOST:PORT',
    });
  }
  return xdsTls || flags.xdsCa !== undefined ? { xds, xdsTls: ca } : { xds };
}
