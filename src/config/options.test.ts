import { describe, expect, it } from 'vitest';
import { aboutOption, OPTION_NAMES } from './options.ts';

describe('what is said about options', () => {
  it('is said of one option each', () => {
    const said = OPTION_NAMES.map((name) => aboutOption(name).description);
    expect(said.filter((each, index) => said.indexOf(each) !== index)).toEqual([]);
  });
});
