/**
 * Whether the whole of `text` is what `pattern` says, where `*` stands for any text, none included; nothing else is special,
 * and letters are told from capitals. No regular expression: the time it takes is bounded, whoever wrote the text.
 */
export function globMatches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  // The leftmost place of each part leaves the most room for those after it.
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
