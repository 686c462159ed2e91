import { parseLogLine } from './log-line.ts';

/** What Envoy makes of a configuration. */
export type Verdict =
  | { readonly outcome: 'accepted'; readonly envoy: string }
  | {
      readonly outcome: 'rejected';
      readonly envoy: string;
      readonly message: string;
      readonly resource?: { readonly list: 'clusters' | 'listeners'; readonly index: number };
    }
  /** Nobody can say: there is no Envoy here, or it did not come to an end. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** Before what is wrong Envoy writes the whole message, keys and all, which nobody is to see. */
const DUMPED = /^goo\.gle\/debug\w*\s*$/;
const INITIALIZING = /^error initializing configuration '[^']*': /;
const CONSTRAINT = /^: (Proto constraint validation failed .*)$/;
const PLACE = /StaticResourcesValidationError\.(Clusters|Listeners)\[(\d+)\]/;

const LONGEST = 2000;

/** Envoy's words for why it refuses, out of the last of what it wrote; the same in 1.36 and 1.40. */
export function rejection(output: string): { message: string; resource?: { list: 'clusters' | 'listeners'; index: number } } {
  const lines = output.split('\n');
  const words = lines.flatMap((line) => CONSTRAINT.exec(line)?.[1] ?? []).at(-1);
  if (words === undefined) return { message: cut(logged(lines) ?? 'Envoy refused it, and named no reason') };
  const [, list, index] = PLACE.exec(words) ?? [];
  const message = cut(innermost(words));
  return list === undefined ? { message } : { message, resource: { list: list === 'Clusters' ? 'clusters' : 'listeners', index: Number(index) } };
}

/** The last error that it logged. Lines that are not its logger's may be those of a dump. */
function logged(lines: readonly string[]): string | undefined {
  const parsed = lines.map(parseLogLine).findLast((line) => line?.level === 'critical' || line?.level === 'error');
  const message = parsed?.message.replace(INITIALIZING, '');
  return message === undefined || DUMPED.test(message) ? undefined : message;
}

/** `ClusterValidationError.ConnectTimeout: value must be greater than 0s`: the last of those that caused one another. */
function innermost(words: string): string {
  return (
    words
      .replace(/^Proto constraint validation failed \((.*)\)$/, '$1')
      .split(' | caused by ')
      .at(-1) ?? words
  );
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
