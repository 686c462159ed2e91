import { z } from 'zod';
import type { Common } from './common.ts';

/** What objects of all kinds may say (common.ts), and how they are named. */

export const COMMON_LIMITS = { groups: 64, labels: 64 } as const;

/** Whatever a host can be is a name, too: an IPv6 address in its brackets. No slash: keys are made of kind, slash and name. */
const NAME = /^(?:[a-z0-9*_](?:[a-z0-9*._-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])$/;
const GROUP = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_])?$/;

/** As in Kubernetes ("Labels and Selectors", Syntax and character set), so that theirs can be taken over. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** @param what it is called in messages, `the id` */
export function nameSchema(what: string) {
  return z
    .string({ error: `${what} must be a string` })
    .regex(NAME, { error: `${what} must be 1 to 253 lower-case letters, digits, dots, hyphens or underscores, or a host` });
}

export const groupSchema = z.string({ error: 'a group must be a string' }).regex(GROUP, {
  error: 'a group must be 1 to 128 letters, digits, dots, hyphens or underscores',
});

/** Sorted, each one once: their order says nothing. */
export const groupsSchema = z
  .array(groupSchema, { error: 'groups must be a list of names, as in ["edge"]' })
  .min(1, { error: 'groups must name at least one; leave it out for all Envoys' })
  .max(COMMON_LIMITS.groups, { error: `groups must name at most ${COMMON_LIMITS.groups}` })
  .transform((groups): readonly string[] => [...new Set(groups)].toSorted());

function isLabelKey(key: string): boolean {
  const slash = key.lastIndexOf('/');
  return LABEL.test(key.slice(slash + 1)) && (slash < 0 || LABEL_PREFIX.test(key.slice(0, slash)));
}

const labelKey = z.string().refine(isLabelKey);

const labelValue = z
  .string({ error: 'the value of a label must be a string' })
  .refine((value) => value === '' || LABEL.test(value), { error: 'the value of a label must be at most 63 letters, digits, dots, hyphens or underscores' });

/** Sorted by key; none at all is the same as not saying so. */
export const labelsSchema = z
  .record(labelKey, labelValue, {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? 'the name of a label must be 1 to 63 letters, digits, dots, hyphens or underscores, after a domain and a slash where there is one'
        : 'labels must be a map, as in {"team":"web"}',
  })
  .refine((labels) => Object.keys(labels).length <= COMMON_LIMITS.labels, { error: `labels must be at most ${COMMON_LIMITS.labels}` })
  .transform((labels): Readonly<Record<string, string>> | undefined => {
    const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return sorted.length === 0 ? undefined : Object.fromEntries(sorted);
  });

export const commonFields = {
  groups: groupsSchema.optional().meta({ description: 'The groups of Envoys that get it; left out, all do.' }),
  labels: labelsSchema.optional().meta({ description: 'What to sort objects by; `apply --prune` goes by them.', examples: [{ team: 'web' }] }),
};

/** Both as an object has them: what says nothing is left out. */
export function commonOf({ groups, labels }: { [Field in keyof Common]: Common[Field] | undefined }): Common {
  return { ...(groups === undefined ? {} : { groups }), ...(labels === undefined ? {} : { labels }) };
}
