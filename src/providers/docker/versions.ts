import type { Claim } from './claim.ts';
import type { LabelFault } from './label-fault.ts';

/** Some containers of a service that are a Service of their own, since requests are shared between them by the hundred. */
export interface Part {
  /** What follows the key of the service: `.v2`; nothing for what no split is about. */
  readonly suffix: string;
  readonly claims: readonly Claim[];
  /** Of the sum over all parts. */
  readonly share: number;
}

export interface Split {
  /** The first one alone where nothing is split. */
  readonly parts: readonly Part[];
  readonly faults: readonly (LabelFault & { readonly claim: Claim })[];
}

/**
 * What `split.<version>` labels of any of the containers make of them: of a hundred requests each version gets as many as its
 * label says, and the others, of any version or none, get what is left.
 * @param claims in the order of their precedence, at least one
 */
export function splitOf(claims: readonly Claim[]): Split {
  const percents = new Map<string, { readonly percent: number; readonly label: string; readonly claim: Claim }>();
  for (const claim of claims)
    for (const [version, { value, label }] of claim.words.family('split.'))
      if (!percents.has(version)) percents.set(version, { percent: Number(value), label, claim });
  if (percents.size === 0) return { parts: [{ suffix: '', claims, share: 1 }], faults: [] };
  const groups = Map.groupBy(claims, ({ words }) => {
    const version = words.text('version');
    return version !== undefined && percents.has(version) ? version : undefined;
  });
  const said = [...percents].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const left = Math.max(0, 100 - said.reduce((sum, [, { percent }]) => sum + percent, 0));
  const rest = groups.get(undefined);
  const parts: Part[] = rest === undefined ? [] : [{ suffix: '', claims: rest, share: left }];
  const faults: (LabelFault & { readonly claim: Claim })[] = [];
  for (const [version, { percent, label, claim }] of said) {
    const some = groups.get(version);
    if (some !== undefined) parts.push({ suffix: `.${version}`, claims: some, share: percent });
    else
      faults.push({
        code: 'version-missing',
        label,
        claim,
        message: `no container says version=${version}: the others share its ${percent} %`,
        hint: `${claim.words.prefix}version=${version}`,
      });
  }
  const serving = parts.map((part) => (part.claims.some(({ phase }) => phase.state !== 'held') ? part : { ...part, share: 0 }));
  // Of those that are away for now, the others take the share.
  if (serving.some(({ share }) => share > 0)) return { parts: serving, faults };
  if (parts.some(({ share }) => share > 0)) return { parts, faults };
  const [first] = said;
  if (first !== undefined)
    faults.push({
      code: 'version-missing',
      label: first[1].label,
      claim: first[1].claim,
      message: 'those that are there would get no requests at all: they share them evenly',
      hint: `${first[1].label}=100`,
    });
  return { parts: parts.map((part) => ({ ...part, share: 1 })), faults };
}
