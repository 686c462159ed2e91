import type { ServicesPort } from '../api/ports.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { isDeclared } from '../model/kinds.ts';
import type { EnvoyApi } from '../proto/envoy-api.ts';
import { checkRaw } from '../translator/raw.ts';

/** The registry behind what only Envoy's API can tell: a raw resource that is no message of its type is refused before it is stored. */
export function checkedCommits(services: ServicesPort, api: EnvoyApi): ServicesPort['commit'] {
  return (edits, author, options) => {
    for (const [index, edit] of edits.entries()) {
      if (edit.op !== 'apply' || !isDeclared(edit.wish) || edit.wish.kind !== 'Raw') continue;
      try {
        checkRaw(edit.wish, api);
      } catch (thrown) {
        throw edits.length > 1 ? within(thrown, index) : thrown;
      }
    }
    return services.commit(edits, author, options);
  };
}

/** With the place of the edit among others in front of each field, as the registry says it. */
function within(thrown: unknown, index: number): unknown {
  if (!(thrown instanceof EnvoyageError)) return thrown;
  const { code, message, hint, cause } = thrown;
  return new EnvoyageError(code, message, { hint, cause, errors: thrown.errors.map(({ field, ...rest }) => ({ ...rest, field: `/${index}${field}` })) });
}
