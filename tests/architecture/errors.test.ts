import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/lib/errors.ts';

/** The sections of the page by their heading. */
function sections(page: string): Map<string, string> {
  return new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => {
        const [heading = '', ...rest] = section.split('\n');
        return [heading.trim(), rest.join('\n').split(/^## /m)[0] ?? ''];
      }),
  );
}

describe('docs/errors.md', () => {
  const documented = sections(readFileSync(resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8'));

  it('explains the codes of the catalogue, and no others', () => {
    expect([...documented.keys()].toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });

  it.each(Object.entries(ERRORS))('says of %s what it means and what mends it', (code, { status }) => {
    const text = documented.get(code) ?? '';
    expect(text).toMatch(new RegExp(`^${status}\\. \\S`));
    expect(text).toMatch(/^Mend: \S/m);
  });
});
