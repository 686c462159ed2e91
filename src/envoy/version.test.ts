import { describe, expect, it } from 'vitest';
import { parseVersion, versionOf } from './version.ts';

describe('parseVersion', () => {
  it.each([
    ['envoy  version: 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL', '1.40.0'],
    ['\n/opt/envoy  version: dc2d3098ae5641555f15c71d5bb5ce0060a8015c/1.36.2/Modified/DEBUG/BoringSSL-FIPS\n\n', '1.36.2'],
    ['envoy  version: 0/1.41.0-dev/Clean/RELEASE/BoringSSL', '1.41.0-dev'],
  ])('reads %j', (output, version) => {
    expect(parseVersion(output)).toBe(version);
  });

  it.each(['', 'node v20.1.0', 'envoy version: 1.0', 'bash, version 5.2.15(1)-release'])('refuses %j', (output) => {
    expect(parseVersion(output)).toBeUndefined();
  });
});

describe('versionOf', () => {
  it('says what a program that is no Envoy answered', async () => {
    await expect(versionOf(process.execPath)).rejects.toThrow(`is no Envoy: its --version answered "${process.version}"`);
  });

  it('says that a program is missing', async () => {
    await expect(versionOf('/nowhere/envoy')).rejects.toThrow('does not exist');
  });
});
