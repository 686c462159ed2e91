import { readFileSync } from 'node:fs';
import { readFault } from '../lib/read-fault.ts';
import { parseAgentTokens } from './agent-tokens.ts';
import type { LoadedOptions } from './load.ts';
import { aboutOption, OPTION_NAMES, type OptionName, propertyOf } from './options.ts';
import { pairFault } from './pair-fault.ts';
import { requireSecure } from './secure.ts';
import { type Fault, invalidConfig, subject } from './source.ts';
import { tokenFault } from './token.ts';
import { readXdsSecurity } from './xds-access.ts';

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
  const agents = contents.get('agent-token-file');
  if (agents !== undefined) {
    try {
      parseAgentTokens(agents);
    } catch (thrown) {
      refuse('agent-token-file', options.agentTokenFile, thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  const [cert, key] = [contents.get('http-tls-cert'), contents.get('http-tls-key')];
  const wrongPair = cert === undefined || key === undefined ? undefined : pairFault(cert, key);
  if (wrongPair !== undefined) {
    const name = wrongPair.of === 'key' ? 'http-tls-key' : 'http-tls-cert';
    refuse(name, options[propertyOf(name)], wrongPair.message);
  }
  const security = readXdsSecurity(contents, options);
  if (Array.isArray(security)) for (const { name, message } of security) refuse(name, options[propertyOf(name)], message);
  if (faults.length > 0) throw invalidConfig(faults, 'the user that runs envoyage must be able to read each of these files');
}
