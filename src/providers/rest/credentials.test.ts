import { expect, it } from 'vitest';
import { headersIn } from './credentials.ts';

it('reads headers, a line each', () => {
  expect(headersIn('X-A: 1\n# no\n\nx-b:two words \r\nX-Empty:\n', 'f')).toEqual({ 'x-a': '1', 'x-b': 'two words', 'x-empty': '' });
});

it.each(['s3cret', 'X A: s3cret', 'X-A: s3cr\u0000et', ': s3cret'])('names the line of %j and nothing in it', (line) => {
  expect(() => headersIn(`ok: 1\n${line}`, 'f')).toThrow(/^f:2: a header is written NAME: VALUE$/);
});
