import { parseHostPort } from '../../src/lib/address.ts';
import type { Wish } from '../../src/model/kinds.ts';
import { loadEnvoyApi } from '../../src/proto/envoy-api.ts';
import type { JsonObject } from '../../src/proto/json.ts';
import { TestDesired } from '../../src/rollout/testkit.ts';
import { Translations } from '../../src/rollout/translations.ts';
import { View } from '../../src/rollout/view.ts';
import type { Flavour } from '../../src/translator/config-source.ts';
import { createTranslator } from '../../src/translator/translator.ts';
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES, type TypeUrl } from '../../src/xds/types.ts';
import type { Resources } from './translation.ts';

const api = loadEnvoyApi();
const translator = createTranslator(api);

/** What Envoys of a group are sent, decoded from its bytes. @param listener of the group, unless one named `http` is among the objects */
export function resourcesOf(objects: readonly Wish[], listener = '127.0.0.1:10000', group = 'default', flavour: Flavour = 'ads'): Resources {
  const about = { createdAt: '2026-11-21T06:00:00.000Z', updatedAt: '', updatedBy: '' };
  const view = new View(group, flavour, new Translations(translator), translator);
  view.fill(new TestDesired(...objects.map((each, i) => ({ ...each, ...about, revision: i + 1 }))), parseHostPort(listener, 1));
  const all = (type: TypeUrl): JsonObject[] =>
    [...view.store.resources(type)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, resource]) => {
        const { '@type': _, ...message } = api.decode('google.protobuf.Any', resource.any);
        return message;
      });
  return { listeners: all(LISTENER), routes: all(ROUTES), clusters: all(CLUSTER), endpoints: all(ENDPOINTS) };
}
