/** `web@docker` of what a provider declares, the name alone of what people own. No name has an `@`. */
export function withProvider(name: string, provider: string | undefined): string {
  return provider === undefined ? name : `${name}@${provider}`;
}

/** A name as people type it: what stands behind `@` was for them to see. */
export function bareName(text: string): string {
  return text.replace(/@[^@]*$/, '');
}
