import { z } from 'zod';
import { commonFields, commonOf, nameSchema } from './common-schema.ts';
import { plainJsonFault } from './plain-json.ts';
import { type Raw, resourceNameOf } from './raw.ts';
import { readOnlyFields } from './service.ts';
import { text } from './text-schema.ts';

const TYPE_URL_PREFIX = 'type.googleapis.com/';
const CLUSTER = `${TYPE_URL_PREFIX}envoy.config.cluster.v3.Cluster`;
/** Bootstraps define a cluster of this name. */
const XDS_CLUSTER = 'xds_cluster';

/** Names of messages begin with a capital, those of packages with a small letter (protobuf style guide). */
const MESSAGE = /^[a-z]\w*(?:\.[a-z]\w*)*(?:\.[A-Z]\w*)+$/;

/** @throws Error in words that follow the type */
function parseType(written: string): string {
  const slash = written.lastIndexOf('/');
  const name = written.slice(slash + 1);
  if (slash >= 0 && written.slice(0, slash + 1) !== TYPE_URL_PREFIX) throw new Error(`must begin with ${TYPE_URL_PREFIX}`);
  if (name.length > 250 || !MESSAGE.test(name)) throw new Error('is not the name of a message, as in type.googleapis.com/envoy.config.cluster.v3.Cluster');
  return TYPE_URL_PREFIX + name;
}

/** Not z.record, which drops a member called `__proto__` without a word. */
const resourceSchema = z
  .unknown()
  .transform((value, context): Raw['resource'] => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const message = value === undefined ? '"resource" is missing' : 'resource must be an object, a message of Envoy in canonical JSON';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const fault = plainJsonFault(value);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
    return value as Raw['resource'];
  })
  .meta({ type: 'object', description: "The resource as protobuf's JSON mapping has it." });

const rawFields = {
  kind: z.literal('Raw', { error: 'kind must be Raw' }),
  name: nameSchema('the name').meta({ description: 'The name of the object, and of the resource where that has none of its own.' }),
  type: text('the type', parseType).meta({
    description: 'The type URL of the resource.',
    examples: ['type.googleapis.com/envoy.config.cluster.v3.Cluster'],
  }),
  resource: resourceSchema,
  ...commonFields,
};

/** A raw resource as it is sent; whether it is a message of its type, `translator/raw.ts` says. */
export const rawSchema = z
  .strictObject(
    { ...rawFields, ...readOnlyFields },
    { error: (issue) => (issue.code === 'invalid_type' ? 'a raw resource must be an object with kind, name, type and resource' : undefined) },
  )
  .transform(({ name, type, resource, groups, labels }, context): Raw => {
    // What was copied from an Envoy's config_dump says its type.
    const { '@type': said, ...fields } = resource;
    if (said !== undefined && said !== type)
      context.addIssue({ code: 'custom', path: ['resource', '@type'], message: `is not the type above, ${type}; leave it out` });
    const raw: Raw = { kind: 'Raw', name, type, resource: fields, ...commonOf({ groups, labels }) };
    if (type === CLUSTER && resourceNameOf(raw) === XDS_CLUSTER) {
      const message = `the name "${XDS_CLUSTER}" is that of the cluster by which Envoys reach Envoyage; give the resource another`;
      context.addIssue({ code: 'custom', path: ['name'], message });
    }
    return raw;
  })
  .meta({ id: 'Raw' });

/** For "did you mean". */
export const RAW_FIELDS: readonly string[] = [...Object.keys(rawFields), ...Object.keys(readOnlyFields)];
