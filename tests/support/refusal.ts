import { EnvoyageError } from '../../src/lib/errors.ts';

/** The EnvoyageError that `action` throws; undefined where it throws nothing. Anything else goes through. */
export function refused(action: () => unknown): EnvoyageError | undefined {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return thrown;
    throw thrown;
  }
  return undefined;
}

/** The EnvoyageError that `action` has to throw. */
export function refusal(action: () => unknown): EnvoyageError {
  const error = refused(action);
  if (error === undefined) throw new Error('it should have been refused');
  return error;
}
