import { expect, it } from 'vitest';
import { ownCopy } from './bytes.ts';

it('shares no memory with anything', () => {
  const pooled = Buffer.from('text');
  const own = ownCopy(pooled);
  expect(own.toString()).toBe('text');
  expect([own.buffer.byteLength, own.byteOffset]).toEqual([4, 0]);
  expect(pooled.buffer.byteLength).toBeGreaterThan(4);
});
