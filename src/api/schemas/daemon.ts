import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../lib/errors.ts';
import { time } from './common.ts';

/** The daemon itself, how it is, and what it says where something is wrong. */

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    hint: z.string().optional().meta({ description: 'The command or edit that mends it.' }),
    errors: z.array(z.object({ field: z.string().meta({ description: 'A JSON pointer.' }), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'A problem document, RFC 9457.' });

export const daemonAnswers = {
  daemon: z.object({
    version: z.string(),
    startedAt: time,
    revision: z.number(),
    dataDir: z.string(),
    xdsAddress: z.string(),
    xdsAddresses: z.array(z.string()),
    xdsTls: z.boolean(),
    httpAddress: z.string(),
    listeners: z.record(z.string(), z.string()),
  }),
  stats: z.object({
    last_update: time.nullable(),
    update_count: z.number(),
    xds_server_url: z.string(),
    nodes: z.number(),
    streams: z.number(),
    types: z.record(z.string(), z.object({ sent: z.number(), acked: z.number(), rejected: z.number() })),
  }),
  health: z.object({ status: z.literal('healthy'), service: z.literal('envoyage') }),
  openapi: z.looseObject({ openapi: z.string() }),
  ready: z.object({ status: z.enum(['ready', 'not-ready']), checks: z.record(z.string(), z.boolean()) }),
  problem,
};
