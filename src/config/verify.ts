import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { LoadedOptions } from './load.ts';
import { aboutOption, OPTION_NAMES, type OptionName, propertyOf } from './options.ts';
import { readFault } from './read-fault.ts';
import { requireSecure } from './secure.ts';
import { type Fault, invalidConfig, subject } from './source.ts';
import { tokenFault } from './token.ts';

/**
 * What can be known before anything starts: that the addresses are safe and the files that are named hold what they should.
 * @throws EnvoyageError insecure-address, or invalid-config with every file's fault
 */
export function verifyOptions({ options, sources }: LoadedOptions): void {
  requireSecure(options, sources);
  const faults: Fault[] = [];
  const contents = new Map<OptionName, string>();
  const refuse = (name: OptionName, file: unknown, fault: string): void => {
    faults.push({ name, message: `${subject(name, sources[name], [], file)} ${fault}` });
  };
  for (const name of OPTION_NAMES) {
    const file = options[propertyOf(name)];
    if (aboutOption(name).kind !== 'file' || typeof file !== 'string') continue;
    try {
      contents.set(name, readFileSync(file, 'utf8'));
    } catch (thrown) {
      refuse(name, file, readFault(thrown));
    }
  }
  const token = contents.get('http-token-file');
  const wrongToken = token === undefined ? undefined : tokenFault(token.trim());
  if (wrongToken !== undefined) refuse('http-token-file', options.httpTokenFile, wrongToken);
  for (const [certName, keyName] of [
    ['http-tls-cert', 'http-tls-key'],
    ['xds-tls-cert', 'xds-tls-key'],
  ] as const) {
    const cert = contents.get(certName);
    const key = contents.get(keyName);
    if (cert === undefined || key === undefined) continue;
    const fault = pairFault(cert, key);
    if (fault !== undefined) refuse(fault.of === 'key' ? keyName : certName, options[propertyOf(fault.of === 'key' ? keyName : certName)], fault.message);
  }
  if (faults.length > 0) throw invalidConfig(faults, 'the user that runs envoyage must be able to read each of these files');
}

function pairFault(cert: string, key: string): { of: 'cert' | 'key'; message: string } | undefined {
  const certFault = contextFault({ cert });
  if (certFault !== undefined) return { of: 'cert', message: `is not a PEM certificate: ${certFault}` };
  const keyFault = contextFault({ key });
  if (keyFault !== undefined) return { of: 'key', message: `is not a PEM private key: ${keyFault}` };
  return contextFault({ cert, key }) === undefined ? undefined : { of: 'key', message: 'is not the key of the certificate' };
}

function contextFault(material: { cert?: string; key?: string }): string | undefined {
  try {
    createSecureContext(material);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
