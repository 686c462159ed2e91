import { setImmediate } from 'node:timers/promises';
import type { DumpPort } from '../api/ports.ts';
import type { DumpedResource } from '../api/types.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { TYPE_URL_PREFIX } from '../proto/json.ts';
import { resourcesIn } from '../rollout/content.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { KNOWN_TYPES, shortName, type TypeUrl, typeNamed } from '../xds/types.ts';

/** As many resources are decoded at a time, so that Envoys do not wait while somebody looks. */
const AT_A_TIME = 100;

/** What Envoys are given, in words that people can read. */
export function dumpPort(rollout: Rollout, api: EnvoyApi, revision: () => number): DumpPort {
  const shown = ({ name, type, version, any }: ReturnType<typeof resourcesIn>[number]): DumpedResource => {
    const typeName = type.slice(type.lastIndexOf('/') + 1);
    const { '@type': _, ...message } = api.decode('google.protobuf.Any', any);
    return { name, type, version, resource: api.redact(typeName, message) };
  };
  return {
    async dump(whose, wanted) {
      const type = wanted === undefined ? undefined : readType(wanted, api);
      const content = rollout.content(whose);
      if (content === undefined) {
        const node = 'node' in whose ? whose.node : '';
        throw new EnvoyageError('node-not-found', `no Envoy called "${node.slice(0, 253)}" has been here since Envoyage started`, { hint: 'envoyage status' });
      }
      const { group, connected, stores } = content;
      const about = { group, ...('node' in whose ? { node: whose.node } : {}), connected, revision: revision() };
      const resources: DumpedResource[] = [];
      // Taken all at once: what is published meanwhile is not in it.
      for (const [i, resource] of resourcesIn(stores, type).entries()) {
        if (i % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
        resources.push(shown(resource));
      }
      return { ...about, resources };
    },
  };
}

/** @throws EnvoyageError invalid-request */
function readType(text: string, api: EnvoyApi): TypeUrl {
  const named = typeNamed(text);
  if (named !== undefined) return named;
  const message = text.startsWith(TYPE_URL_PREFIX) ? text.slice(TYPE_URL_PREFIX.length) : text;
  if (api.has(message)) return TYPE_URL_PREFIX + message;
  const known = KNOWN_TYPES.map(shortName);
  throw new EnvoyageError('invalid-request', `there is no type "${text.slice(0, 200)}"${didYouMean(text, known)}`, {
    hint: `one of ${known.join(', ')}, or a type URL`,
    errors: [{ field: '/type', message: 'is no type of resources' }],
  });
}
