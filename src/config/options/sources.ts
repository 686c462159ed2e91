import { about } from '../about.ts';
import { files, wholeNumber } from '../fields.ts';
import { POLLING, pollers } from '../rest-fields.ts';

const topic = 'Providers';

/** What the providers of files and of polled URLs are told. */
export const SOURCE_OPTIONS = {
  file: files().register(about, {
    kind: 'paths',
    topic,
    placeholder: 'PATH',
    description: 'objects come from this file, or from all YAML and JSON files in this folder and below; repeatable',
  }),
  'file-poll-seconds': wholeNumber(1, 86_400, 'seconds')
    .default(10)
    .register(about, { kind: 'integer', topic, placeholder: 'SECONDS', description: 'how often files are looked at where the system tells of no change' }),
  rest: pollers.register(about, {
    kind: 'pollers',
    topic,
    placeholder: '[NAME=]URL',
    description: 'objects come from this URL, which is polled; repeatable, with names; a file may say any rest- option for each',
  }),
  'rest-interval': POLLING.interval
    .default(10)
    .register(about, { kind: 'integer', topic, placeholder: 'SECONDS', description: 'the time between two requests, give or take a tenth' }),
  'rest-timeout': POLLING.timeout.default(10).register(about, { kind: 'integer', topic, placeholder: 'SECONDS', description: 'for a whole request' }),
  'rest-max-bytes': POLLING['max-bytes']
    .default(16 * 1024 * 1024)
    .register(about, { kind: 'integer', topic, placeholder: 'BYTES', description: 'the largest answer that is read' }),
  'rest-max-shrink': POLLING['max-shrink'].default(0.5).register(about, {
    kind: 'number',
    topic,
    placeholder: 'RATIO',
    description: 'the part of its objects that an answer may lack, 0 to 1; one that lacks more is kept out until a resync by hand',
  }),
  'rest-host': POLLING.host
    .optional()
    .register(about, { kind: 'text', topic, placeholder: 'TEMPLATE', description: 'the host of each backend in an answer, as in {name}.example.com' }),
  'rest-token-file': POLLING['token-file']
    .optional()
    .register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'holds the bearer token that requests carry' }),
  'rest-basic-file': POLLING['basic-file']
    .optional()
    .register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'holds USER:PASSWORD that requests carry' }),
  'rest-header-file': POLLING['header-file']
    .optional()
    .register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'holds further headers of requests, NAME: VALUE a line' }),
  'rest-ca': POLLING.ca
    .optional()
    .register(about, { kind: 'file', topic, placeholder: 'FILE', description: "authorities of the servers, PEM, in place of the system's" }),
  'rest-cert': POLLING.cert.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'what servers know Envoyage by, PEM' }),
  'rest-key': POLLING.key.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'private key of rest-cert, PEM' }),
  'rest-follow-redirects': POLLING['follow-redirects'].default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'follow redirects to other origins as well, without credentials',
  }),
} as const;
