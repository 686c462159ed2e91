/** RFC 9110 §5.1, §5.6.2; lower case, as HTTP/2 has them. */
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]{1,256}$/;

/**
 * The name of a header in the form in which Envoy compares it.
 * @throws Error whose message says what is wrong, without repeating the text
 */
export function parseHeaderName(text: string): string {
  const name = text.toLowerCase();
  if (name.startsWith(':')) throw new Error('is no header: method, path and host have words of their own');
  if (name === 'host') throw new Error('cannot be used here: hosts say which host is meant, and rewrite.host changes it');
  if (!TOKEN.test(name)) throw new Error('is no name of a header');
  return name;
}

/** RFC 9110 §5.5, without control characters. */
export function headerValueFault(value: string): string | undefined {
  if (/\p{Cc}/u.test(value.replaceAll('\t', ' '))) return 'has a control character';
  if (!value.isWellFormed()) return 'is not Unicode';
  return value.length > 4096 ? 'is longer than 4096 characters' : undefined;
}

/** `%REQ(:path)%`, `%START_TIME(%s)%`, `%PROTOCOL%`, `%%` (Envoy, "Access logging", Command operators). */
const OPERATOR = /%(?:%|[A-Z][A-Z0-9_]*(?:\((?:[^)%]|%(?!\)))*%?\))?(?::\d+)?%)/g;

/** Why Envoy could not read the percent signs in a value that it sets; undefined where it can. */
export function formatFault(value: string): string | undefined {
  return value.replace(OPERATOR, '').includes('%')
    ? 'has a percent sign that begins no command operator such as %PROTOCOL%: write %% for the character'
    : undefined;
}
