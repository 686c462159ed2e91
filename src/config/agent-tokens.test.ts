import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseAgentTokens } from './agent-tokens.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

describe('tokens of agents', () => {
  it('have a name, or a star for any; what is kept of them is a hash', () => {
    expect(parseAgentTokens('# name token\n\nh1  s3cret\n*\tother\r\nh1 next\n')).toEqual([
      { name: 'h1', hash: sha256('s3cret') },
      { name: '*', hash: sha256('other') },
      { name: 'h1', hash: sha256('next') },
    ]);
    expect(parseAgentTokens('# all taken away')).toEqual([]);
  });

  it.each([
    [' \n', /^holds no token/],
    ['s3cret', /^has only one word on line 1/],
    ['h1 s3cret edge', /^has more than two words on line 1/],
    ['# c\nS3CRET h1', /^begins line 2 with something that no agent can be called/],
    ['local s3cret', /^begins line 1/],
    ['h1 s3crét', /^holds characters that a token cannot have, on line 1/],
    ['h1 s3cret\nh2 s3cret', /^has the token of line 2 twice/],
  ])('%j is refused, and the words do not tell it', (wrong, message) => {
    expect(() => parseAgentTokens(wrong)).toThrow(message);
    expect(() => parseAgentTokens(wrong)).not.toThrow(/s3cr/i);
  });
});
