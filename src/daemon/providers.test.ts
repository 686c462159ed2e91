import { expect, it } from 'vitest';
import { strangers } from './providers.ts';

it('warns of names in the precedence that no provider has, but for pushes, which come and go', () => {
  const providers = [{ name: 'docker' }, { name: 'file' }];
  expect(strangers(['file', 'push-ci'], providers)).toEqual([]);
  expect(strangers(['dcoker', 'zzz'], providers)).toEqual([
    'provider-priority names "dcoker", which is no provider of this daemon (did you mean "docker"?)',
    'provider-priority names "zzz", which is no provider of this daemon',
  ]);
});
