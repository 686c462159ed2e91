import { z } from 'zod';

/**
 * How an option is written. `file` and `dir` are paths, made absolute from where they were named. `list`, `paths`, `pollers`,
 * `addresses` and `listeners` are repeated as flags and comma-separated in the environment; in the file they are a list, one value
 * or a list, and a map.
 */
export type OptionKind = 'text' | 'choice' | 'boolean' | 'integer' | 'number' | 'file' | 'dir' | 'list' | 'paths' | 'pollers' | 'addresses' | 'listeners';

export interface About {
  readonly kind: OptionKind;
  /** Heading under which the help lists it. */
  readonly topic: 'HTTP API' | 'xDS' | 'xDS limits' | 'Envoys' | 'Rollout' | 'Providers' | 'Storage' | 'Logging' | 'Traces';
  readonly placeholder: string;
  readonly description: string;
  /** Where the schema's own default does not say it. */
  readonly defaultText?: string;
}

export const about = z.registry<About>();
