import type { z } from 'zod';
import { durationMs, parseDuration } from './duration.ts';
import { text } from './text-schema.ts';

export interface DurationBounds {
  /** Milliseconds; 1 unless given, 0 for what may be 0. */
  readonly least?: number;
  /** Milliseconds. */
  readonly most?: number;
}

/** A time such as `15s`, in the one form that parseDuration gives it. @param what it is called in messages, `the timeout` */
export function durationSchema(what: string, { least = 1, most = Number.POSITIVE_INFINITY }: DurationBounds = {}): z.ZodType<string> {
  const parse = (value: string): string => {
    const duration = parseDuration(value);
    const ms = durationMs(duration);
    if (ms === 0 && least > 0) throw new Error('is no time at all');
    if (ms < least) throw new Error(`is shorter than ${least}ms`);
    if (ms > most) throw new Error(`is longer than ${most}ms`);
    return duration;
  };
  return text(what, parse, '15s').meta({ description: 'Hours, minutes, seconds and milliseconds.', examples: ['15s', '250ms', '1m30s'] });
}
