import { describe, expect, it } from 'vitest';
import { EnvoyageError, ERRORS, type ErrorCode, systemCode } from './errors.ts';
import { toProblem } from './problem.ts';

describe('toProblem', () => {
  it('has what there is to say, and leaves out what there is not', () => {
    expect(toProblem(new EnvoyageError('service-not-found', 'there is no service "a"'))).toEqual({
      type: 'urn:envoyage:problem:service-not-found',
      title: 'There is no such service',
      status: 404,
      detail: 'there is no service "a"',
      code: 'service-not-found',
    });
    const errors = [{ field: '/host', message: 'is empty' }];
    expect(toProblem(new EnvoyageError('invalid-request', 'x', { hint: 'do', errors }))).toMatchObject({ hint: 'do', errors });
  });

  it('never shows a cause', () => {
    expect(JSON.stringify(toProblem(new EnvoyageError('internal', 'x', { cause: new Error('secret') })))).not.toContain('secret');
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])('%s has the status of an error and a title without a full stop', (code) => {
    const { status, title } = toProblem(new EnvoyageError(code, 'x'));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('EnvoyageError.from', () => {
  it('passes on its own, and keeps everything else as the cause of an internal one', () => {
    const own = new EnvoyageError('usage', 'x');
    expect(EnvoyageError.from(own)).toBe(own);
    const other = new TypeError('y');
    expect(EnvoyageError.from(other)).toMatchObject({ code: 'internal', status: 500, message: 'y', cause: other });
    expect(EnvoyageError.from(undefined)).toMatchObject({ code: 'internal', message: 'undefined' });
  });
});

describe('systemCode', () => {
  it('is the code of what has one', () => {
    expect(systemCode(Object.assign(new Error('x'), { code: 'EADDRINUSE' }))).toBe('EADDRINUSE');
    for (const thrown of [undefined, null, 'x', {}, { code: 5 }, new Error('x')]) expect(systemCode(thrown)).toBeUndefined();
  });
});
