import { LOG_FORMATS, LOG_LEVELS } from '../../lib/logger.ts';
import { about } from '../about.ts';
import { choice, share, url } from '../fields.ts';

/** What the daemon says of itself. */
export const TELEMETRY_OPTIONS = {
  'log-level': choice(LOG_LEVELS)
    .default('info')
    .register(about, { kind: 'choice', topic: 'Logging', placeholder: 'LEVEL', description: `the least that is logged: ${LOG_LEVELS.join(', ')}` }),
  'log-format': choice(LOG_FORMATS)
    .default('auto')
    .register(about, { kind: 'choice', topic: 'Logging', placeholder: 'FORMAT', description: `${LOG_FORMATS.join(', ')}; auto is pretty on a terminal` }),
  'otlp-endpoint': url.optional().register(about, {
    kind: 'text',
    topic: 'Traces',
    placeholder: 'URL',
    description: 'an OpenTelemetry receiver that gets a trace of each change, by OTLP over HTTP, as in http://127.0.0.1:4318',
  }),
  'otlp-sample-ratio': share
    .default(1)
    .register(about, { kind: 'number', topic: 'Traces', placeholder: 'RATIO', description: 'the part of the traces that is kept, from 0 to 1' }),
} as const;
