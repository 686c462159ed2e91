import { resolve } from 'node:path';
import { z } from 'zod';
import { parseHost } from '../model/host.ts';
import { flag, path, share, wholeNumber } from './fields.ts';

/** What may be said for all URLs that are polled, and for one of them otherwise. */
export const POLLING = {
  interval: wholeNumber(1, 86_400, 'seconds'),
  timeout: wholeNumber(1, 3600, 'seconds'),
  'max-bytes': wholeNumber(1024, 256 * 1024 * 1024, 'bytes'),
  'max-shrink': share,
  host: z.string({ error: 'must be a host with {name} in it' }).superRefine((template, context) => {
    const fault = templateFault(template);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  }),
  'token-file': path,
  'basic-file': path,
  'header-file': path,
  ca: path,
  cert: path,
  key: path,
  'follow-redirects': flag,
} as const;

const FILES = ['token-file', 'basic-file', 'header-file', 'ca', 'cert', 'key'] as const;

/** Credentials in it would show up in every log; those in a query are not shown. */
const pollUrl = z.string({ error: 'must be a URL' }).superRefine((text, context) => {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    context.addIssue({ code: 'custom', message: 'must be an http or https URL, as in https://inventory.example.com/services' });
  else if (parsed.username !== '' || parsed.password !== '')
    context.addIssue({ code: 'custom', message: 'must not hold a user or a password: --rest-basic-file reads them from a file' });
});

const poller = z.preprocess(
  (given) => (typeof given === 'string' ? fromText(given) : given),
  z
    .strictObject(
      {
        name: z
          .string({ error: 'must be a name' })
          .regex(/^[a-z0-9]([a-z0-9-]{0,55}[a-z0-9])?$/, { error: 'is no name: lower-case letters, digits and hyphens' })
          .optional(),
        url: pollUrl,
        ...(Object.fromEntries(Object.entries(POLLING).map(([name, schema]) => [name, schema.optional()])) as {
          [N in keyof typeof POLLING]: z.ZodOptional<(typeof POLLING)[N]>;
        }),
      },
      {
        error: (issue) =>
          issue.code === 'unrecognized_keys' ? `has "${issue.keys.join('", "')}", which nobody knows` : 'must be a URL, NAME=URL or a map with a url',
      },
    )
    .transform((said): Readonly<typeof said> => said),
);

/** One URL that is polled, with what was said about it alone. */
export type Poller = z.output<typeof poller>;

export const pollers = z
  .preprocess(
    (given) => (typeof given === 'string' || (typeof given === 'object' && given !== null && !Array.isArray(given)) ? [given] : given),
    z.array(poller, { error: 'must be a URL, or a list of them' }),
  )
  .default([])
  .superRefine((all, context) => {
    for (const [index, { name }] of all.entries()) {
      if (all.findIndex((other) => other.name === name) === index) continue;
      const message = name === undefined ? 'is a second URL without a name: write NAME=URL' : `is a second one called "${name}"`;
      context.addIssue({ code: 'custom', path: [index], message });
    }
  });

/** `NAME=URL` or `URL`. */
function fromText(text: string): { name?: string; url: string } {
  const [, name, url] = /^([^=:/?]*)=(.*)$/.exec(text) ?? [];
  return name === undefined || url === undefined ? { url: text } : { name, url };
}

function templateFault(template: string): string | undefined {
  if (!template.includes('{name}')) return 'lacks {name}, as in {name}.example.com';
  try {
    parseHost(template.replaceAll('{name}', 'name'));
    return undefined;
  } catch (thrown) {
    return `makes a host that ${(thrown as Error).message}`;
  }
}

export function isPoller(value: unknown): value is Poller {
  return typeof value === 'object' && value !== null && 'url' in value;
}

/** As the file would hold it, the short way where that says all. */
export function writtenPoller(said: Poller): unknown {
  const { name, url, ...more } = said;
  if (Object.values(more).some((value) => value !== undefined)) return said;
  return name === undefined ? url : `${name}=${url}`;
}

/** With paths that begin at the folder of the file that they are said in. */
export function placedPoller(said: Poller, folder: string): Poller {
  const placed = FILES.flatMap((name) => (said[name] === undefined ? [] : [[name, resolve(folder, said[name])]]));
  return { ...said, ...Object.fromEntries(placed) };
}
