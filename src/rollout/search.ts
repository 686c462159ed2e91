/**
 * Looks for those of several objects that Envoys refuse, where their words name none: some are held back (at their last good
 * version), the rest is sent, and what the Envoys make of it says on which side the culprits are.
 *
 * A generator: it yields the keys to be held, is told whether the rest was taken, and returns the culprits; none where it
 * is refused without any of them as well. Holding back is cheap where the version before is known to be good; where it is
 * not, an Envoy may lose what it serves, so that the search begins with the newest and goes back in growing steps. While a
 * try is refused, the Envoy goes on with what it had.
 * @param suspects the newest first
 * @param guess those that the refusal seems to speak of; tried first
 * @param isSafe all of them can be held back without a loss
 */
export function* search(suspects: readonly string[], guess: readonly string[], isSafe: boolean): Generator<ReadonlySet<string>, readonly string[], boolean> {
  for (const some of tries(suspects, guess, isSafe)) {
    const held = new Set(some);
    if (yield new Set(held)) return yield* narrow(some, true, held);
  }
  return [];
}

function* tries(suspects: readonly string[], guess: readonly string[], isSafe: boolean): Iterable<readonly string[]> {
  if (guess.length > 0 && guess.length < suspects.length) yield guess;
  for (let count = 1; !isSafe && count < suspects.length; count *= 2) yield suspects.slice(0, count);
  yield suspects;
}

/**
 * @param isBad there is a culprit among them, as is known; else they are tried first
 * @param held all that is held back; what turns out good is taken out of it
 */
function* narrow(some: readonly string[], isBad: boolean, held: Set<string>): Generator<ReadonlySet<string>, readonly string[], boolean> {
  if (!isBad) {
    const rest = held.difference(new Set(some));
    if (yield rest) {
      for (const key of some) held.delete(key);
      return [];
    }
  }
  if (some.length === 1) return some;
  const middle = some.length >>> 1;
  const first = yield* narrow(some.slice(0, middle), false, held);
  const second = yield* narrow(some.slice(middle), first.length === 0, held);
  return [...first, ...second];
}
