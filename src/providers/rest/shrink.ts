/**
 * Why an answer is kept out for what it lacks; undefined where it is not. An empty list is what a source says whose own source is
 * away, and half of one what it says while it starts.
 * @param before keys of what is in force
 * @param most the part of those that may go at once
 */
export function shrinkFault(before: ReadonlySet<string>, now: ReadonlySet<string>, most: number): string | undefined {
  const gone = [...before].filter((key) => !now.has(key));
  if (before.size === 0 || gone.length / before.size <= most) return undefined;
  const shown = gone.slice(0, 3).join(', ');
  const more = gone.length > 3 ? ', …' : '';
  return `the answer lacks ${gone.length} of ${before.size} objects (${shown}${more}), and no more than ${Math.round(most * 100)} % may go at once`;
}
