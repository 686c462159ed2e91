import { describe, expect, it } from 'vitest';
import { etag, isKnown, preconditionOf, requireExistence } from './precondition.ts';

const read = (ifMatch?: string, ifNoneMatch?: string) => preconditionOf({ ifMatch, ifNoneMatch });

describe('preconditionOf', () => {
  it.each([
    [undefined, undefined, { revision: undefined, existence: undefined }],
    [etag(12), undefined, { revision: 12, existence: 'present' }],
    [' "12" ', undefined, { revision: 12, existence: 'present' }],
    // Proxies that compress an answer make its tag weak.
    ['W/"12"', undefined, { revision: 12, existence: 'present' }],
    ['*', undefined, { revision: undefined, existence: 'present' }],
    [undefined, '*', { revision: undefined, existence: 'absent' }],
  ])('If-Match: %s, If-None-Match: %s', (ifMatch, ifNoneMatch, precondition) => {
    expect(read(ifMatch, ifNoneMatch)).toEqual(precondition);
  });

  it.each(['', '12', '"12', '"twelve"', '""', '"-1"', '"1.5"', '"1", "2"', "'12'", 'w/"12"', `"${'9'.repeat(16)}"`, 'x'.repeat(200)])(
    'refuses If-Match: %s',
    (ifMatch) => {
      expect(() => read(ifMatch)).toThrow(
        expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(/^If-Match: .{0,40} is not understood here$/) as unknown }),
      );
    },
  );

  it.each([
    [undefined, '"12"'],
    [undefined, ''],
    ['"12"', '*'],
    ['*', '*'],
  ])('refuses If-Match: %s with If-None-Match: %s, for a guard that is passed over guards nothing', (ifMatch, ifNoneMatch) => {
    expect(() => read(ifMatch, ifNoneMatch)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('requireExistence', () => {
  it.each([
    ['"1"', undefined, true, undefined],
    ['"1"', undefined, false, 'If-Match'],
    ['*', undefined, true, undefined],
    ['*', undefined, false, 'If-Match'],
    [undefined, '*', false, undefined],
    [undefined, '*', true, 'If-None-Match'],
    [undefined, undefined, true, undefined],
    [undefined, undefined, false, undefined],
  ])('If-Match: %s, If-None-Match: %s, exists: %s → %s', (ifMatch, ifNoneMatch, exists, refusedFor) => {
    const check = (): void => requireExistence('web', exists, read(ifMatch, ifNoneMatch));
    if (refusedFor === undefined) check();
    else
      expect(check).toThrow(
        expect.objectContaining({ code: 'precondition-failed', message: expect.stringContaining(`and ${refusedFor} asks for`) as unknown }),
      );
  });
});

describe('isKnown', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['"12"', true],
    ['W/"12"', true],
    ['"1", "12"', true],
    ['"1","12"', true],
    ['*', true],
    ['12', false],
    ['"112"', false],
    ['"1"', false],
  ])('If-None-Match: %s → %s', (ifNoneMatch, known) => {
    expect(isKnown('"12"', ifNoneMatch)).toBe(known);
  });
});
