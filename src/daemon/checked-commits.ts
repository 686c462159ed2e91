import type { ServicesPort } from '../api/ports.ts';
import { isDeclared } from '../model/kinds.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { checkRaw } from '../translator/raw.ts';

/** The registry behind what only Envoy's API can tell: a raw resource that is no message of its type is refused before it is stored. */
export function checkedCommits(services: ServicesPort, api: EnvoyApi): ServicesPort['commit'] {
  return (edits, author, options) => {
    for (const edit of edits) if (edit.op === 'apply' && isDeclared(edit.wish) && edit.wish.kind === 'Raw') checkRaw(edit.wish, api);
    return services.commit(edits, author, options);
  };
}
