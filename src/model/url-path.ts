/**
 * A path that a request can have once Envoy has put it into its normal form (RFC 3986 §6), as routes compare it.
 * @throws Error whose message says what is wrong, without repeating the text
 */
export function parsePath(text: string): string {
  if (!text.startsWith('/')) throw new Error('does not begin with a slash');
  if (text.length > 1024) throw new Error('is longer than 1024 characters');
  if (text.includes('?')) throw new Error('has a ?: a path has no query');
  if (text.includes('#')) throw new Error('has a #, which no request has');
  if (!/^[\x21-\x7e]*$/.test(text)) throw new Error(`has characters that are written with percent signs in a URL${hint(text)}`);
  if (text.includes('\\')) throw new Error('has a backslash, which Envoy makes a slash of in requests');
  if (/\/(?:\.|%2e){1,2}(?=\/|$)/i.test(text)) throw new Error('has a segment of dots, which Envoy resolves in requests');
  return text;
}

/** The same without the slash at its end: `/api` and `/api/` are the same prefix of segments. */
export function parsePrefix(text: string): string {
  return parsePath(text).replace(/\/+$/, '') || '/';
}

function hint(text: string): string {
  return text.isWellFormed() && !/\p{Cc}/u.test(text) ? `, as in ${encodeURI(text).slice(0, 80)}` : '';
}
