import { stringify } from 'yaml';

/** One object as a YAML document, without `---`; no line is folded, so that lines can be compared. */
export function toYaml(document: unknown): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
