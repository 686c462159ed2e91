/** How carefully changes go out to a group, as start-up options say it. */

/** `[GROUP=]VALUE` in its parts; no group means every group that is not named. */
function parts(text: string): { readonly group: string | undefined; readonly value: string } {
  const equals = text.indexOf('=');
  return equals < 0 ? { group: undefined, value: text } : { group: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** How many nodes of a group get a change first: as many, or a share of those that are connected; undefined for none. */
export type CanaryRule = { readonly nodes: number } | { readonly share: number } | undefined;

/** `1`, `edge=10%`, `lab=0`. @throws Error with what is wrong with it */
export function parseCanary(text: string): { readonly group: string | undefined; readonly size: CanaryRule } {
  const { group, value } = parts(text);
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(value) ?? [];
  const number = Number(digits);
  if (digits === undefined || (percent === '%' && number > 100)) throw new Error('must be [GROUP=]N or [GROUP=]N%, as in edge=1 or edge=10%');
  if (number === 0) return { group, size: undefined };
  return { group, size: percent === '%' ? { share: number / 100 } : { nodes: number } };
}

/** `20`, `edge=5`; 0 for no limit. @throws Error with what is wrong with it */
export function parsePushLimit(text: string): { readonly group: string | undefined; readonly most: number | undefined } {
  const { group, value } = parts(text);
  const most = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  if (!(most <= 1000)) throw new Error('must be [GROUP=]N with N publications a second, 0 to 1000, as in edge=5');
  return { group, most: most === 0 ? undefined : most };
}

/** What holds for a group: the last rule that names it, else the last that names none. */
export function ruleFor<T extends { readonly group: string | undefined }>(rules: readonly T[], group: string): T | undefined {
  return rules.findLast((rule) => rule.group === group) ?? rules.findLast((rule) => rule.group === undefined);
}
