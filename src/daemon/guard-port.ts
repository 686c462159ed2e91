import type { XdsGuardPort } from '../api/ports.ts';
import type { XdsServer } from '../xds/server.ts';

/** The xDS server as the API asks for what it kept out. */
export function guardPort(xds: XdsServer): XdsGuardPort {
  return {
    limited: xds.limited,
    get refusedTotal() {
      return xds.refusedTotal;
    },
    refused: () => xds.refused().map(({ address, reason, count, at }) => ({ address, reason, count, at: new Date(at).toISOString() })),
  };
}
