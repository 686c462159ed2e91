// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like that
import { describe, expect, it } from 'vitest';
import { interpolate, readDotEnv } from './interpolate.ts';

const ENV = { SET: 'set', EMPTY: '' };

describe('variables of compose files', () => {
  it.each<[string, string, string[]]>([
    ['plain', 'plain', []],
    ['$SET and ${SET}', 'set and set', []],
    ['$$SET $${SET}', '$SET ${SET}', []],
    ['$GONE.', '.', ['GONE']],
    ['${GONE}', '', ['GONE']],
    ['${EMPTY}', '', []],
    ['${GONE:-other}', 'other', []],
    ['${EMPTY:-other}', 'other', []],
    ['${EMPTY-other}', '', []],
    ['${GONE-}', '', []],
    ['${SET:-other}', 'set', []],
    ['${SET:+other}', 'other', []],
    ['${EMPTY:+other}${EMPTY+other}', 'other', []],
    ['${GONE:-${SET}}', 'set', []],
    ['${GONE:-${ALSO}}/${SET}', '/set', ['ALSO']],
    ['${SET:?must}', 'set', []],
    ['a $ b $1', 'a $ b $1', []],
  ])('%s become %j', (text, expected, missing) => {
    expect(interpolate(text, ENV)).toEqual({ text: expected, missing });
  });

  it.each([
    ['${GONE:?say it}', 'the variable GONE is not set, and has to be: say it'],
    ['${EMPTY:?}', 'the variable EMPTY is not set, and has to be'],
    ['${SET', '"${SET" is no variable: write ${NAME} or ${NAME:-default}, and $$ for a dollar sign'],
    ['${1}', '"${1" is no variable: write ${NAME} or ${NAME:-default}, and $$ for a dollar sign'],
  ])('%s cannot be replaced', (text, fault) => {
    expect(interpolate(text, ENV).fault).toBe(fault);
  });

  it('come from .env, too', () => {
    const text = '# comment\nA=1\n export B = two words # comment\nC="quoted # no comment"\nD=\'$x\'\nE=\n1=2\nF=a#b\r\n';
    expect(readDotEnv(text)).toEqual({ A: '1', B: 'two words', C: 'quoted # no comment', D: '$x', E: '', F: 'a#b' });
  });
});
