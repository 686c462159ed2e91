/** `14 ms`, `1.3 s`, `12 s`, `4 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `1 Envoy`, `3 Envoys`, `10,000 Envoys`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : `${noun}s`}`;
}

/** `2 of 3 Envoys`; the noun goes with the whole. */
export function part(n: number, of: number, noun: string): string {
  return `${n.toLocaleString('en-US')} of ${count(of, noun)}`;
}

/** `a`, `a and b`, `a, b and 17 more`. */
export function enumerate(names: readonly string[], total = names.length, most = 3): string {
  const shown = names.slice(0, most);
  const more = total - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Text from elsewhere with nothing in it that would steer a terminal; line breaks stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
}
