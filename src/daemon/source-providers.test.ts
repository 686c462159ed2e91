import { expect, it } from 'vitest';
import { loadOptions } from '../config/load.ts';
import { sourceProviders } from './source-providers.ts';

function make(flags: Readonly<Record<string, string | readonly string[]>>): string[] {
  const { options } = loadOptions({ flags, env: {}, cwd: '/', systemFile: '/none' });
  return sourceProviders(options, { declared: () => [] }).map(({ name, source }) => `${name} ${source}`);
}

it('makes one provider of all paths, and one of each URL', () => {
  expect(make({})).toEqual([]);
  expect(make({ file: ['/a', '/b.yaml'], rest: ['http://h/x?token=s3cret', 'two=http://h/y'] })).toEqual([
    'file /a, /b.yaml',
    'rest http://h/x?…',
    'rest-two http://h/y',
  ]);
});

it('refuses what contradicts itself', () => {
  expect(() => make({ rest: ['http://h'], 'rest-token-file': '/t', 'rest-basic-file': '/b' })).toThrow('the provider rest has a token and a password');
  expect(() => make({ rest: ['a=http://h'], 'rest-cert': '/c' })).toThrow('the provider rest-a has only one of rest-cert and rest-key');
});
