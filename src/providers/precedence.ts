/**
 * Which of two providers has an object that both declare: negative where it is `a`. Those that were named in order, then the others
 * by name, so that it never depends on who spoke first.
 */
export function precedence(priority: readonly string[], a: string, b: string): number {
  const place = (name: string): number => {
    const found = priority.indexOf(name);
    return found < 0 ? priority.length : found;
  };
  return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
}
