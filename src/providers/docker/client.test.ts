import { expect, it } from 'vitest';
import { commonVersion } from './client.ts';

it.each([
  // Docker 20.10, 27, 29 and podman.
  [{ ApiVersion: '1.41', MinAPIVersion: '1.12' }, '1.41'],
  [{ ApiVersion: '1.47', MinAPIVersion: '1.24' }, '1.44'],
  [{ ApiVersion: '1.60', MinAPIVersion: '1.48' }, '1.48'],
  [{ ApiVersion: '1.41', MinAPIVersion: '1.24' }, '1.41'],
  [{ ApiVersion: '1.9' }, '1.9'],
  [{ ApiVersion: 'x/../images' }, undefined],
  [{}, undefined],
])('with an engine of %j it speaks %s', (said, expected) => {
  expect(commonVersion(said)).toBe(expected);
});
