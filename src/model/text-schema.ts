import { z } from 'zod';

/** A string that `parse` turns into its canonical form, or whose fault it explains. @param example for whoever sends something else */
export function text(what: string, parse: (text: string) => string, example?: string) {
  return z.string({ error: `${what} must be a string${example === undefined ? '' : `, as in "${example}"`}` }).transform((value, context) => {
    try {
      return parse(value);
    } catch (thrown) {
      const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
      context.addIssue({ code: 'custom', message: `${what} ${shown} ${thrown instanceof Error ? thrown.message : 'is not valid'}` });
      return z.NEVER;
    }
  });
}
