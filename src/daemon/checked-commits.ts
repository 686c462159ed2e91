import type { ServicesPort } from '../api/ports.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { isDeclared, type Wish } from '../model/kinds.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { checkRaw } from '../translator/raw.ts';

/** The registry behind what only Envoy's API can tell: a raw resource that is no message of its type is refused before it is stored. */
export function checkedCommits(services: ServicesPort, api: EnvoyApi): ServicesPort['commit'] {
  return (edits, author, options) => {
    for (const [index, edit] of edits.entries()) {
      if (edit.op !== 'apply') continue;
      try {
        checkWish(edit.wish, api);
      } catch (thrown) {
        throw edits.length > 1 ? within(thrown, index) : thrown;
      }
    }
    return services.commit(edits, author, options);
  };
}

/** @throws EnvoyageError */
export function checkWish(wish: Wish, api: EnvoyApi): void {
  if (isDeclared(wish) && wish.kind === 'Raw') checkRaw(wish, api);
}

/** With the place of the edit among others in front of each field, as the registry says it. */
function within(thrown: unknown, index: number): unknown {
  if (!(thrown instanceof EnvoyageError)) return thrown;
  const { code, message, hint, cause } = thrown;
  return new EnvoyageError(code, message, { hint, cause, errors: thrown.errors.map(({ field, ...rest }) => ({ ...rest, field: `/${index}${field}` })) });
}
