import { expect, it } from 'vitest';
import { isStopSignal } from './signals.ts';

it.each([
  ['15', undefined, true],
  ['2', undefined, true],
  ['3', undefined, true],
  ['9', undefined, true],
  ['SIGTERM', undefined, true],
  ['1', undefined, false],
  ['10', undefined, false],
  ['10', 'SIGUSR1', true],
  ['10', 'usr1', true],
  ['10', '10', true],
  ['15', 'SIGUSR1', true],
  ['37', 'SIGRTMIN+3', true],
  ['37', undefined, false],
  ['', 'nonsense', false],
  [undefined, 'nonsense', false],
  [undefined, undefined, false],
])('signal %s to a container whose StopSignal is %s asks it to end: %s', (signal, stopSignal, expected) => {
  expect(isStopSignal(signal, stopSignal)).toBe(expected);
});
