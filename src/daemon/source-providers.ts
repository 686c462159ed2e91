import type { Options } from '../config/options.ts';
import type { Poller } from '../config/rest-fields.ts';
import { EnvoyageError } from '../lib/errors.ts';
import { keyOf } from '../model/kinds.ts';
import { FileProvider } from '../providers/file/provider.ts';
import type { Provider } from '../providers/provider.ts';
import type { RestOptions } from '../providers/rest/options.ts';
import { RestProvider } from '../providers/rest/provider.ts';
import type { Registry } from '../registry/registry.ts';

/**
 * The providers of files and of URLs that are polled.
 * @throws EnvoyageError invalid-config
 */
export function sourceProviders(options: Options, registry: Pick<Registry, 'declared'>): Provider[] {
  const files = options.files.length === 0 ? [] : [new FileProvider({ paths: options.files, pollSeconds: options.filePollSeconds })];
  const polled = options.rest.map((poller) => {
    const rest = restOptions(options, poller);
    return new RestProvider(rest, { inForce: () => [...registry.declared(rest.name)].map(keyOf) });
  });
  return [...files, ...polled];
}

/** What was said about one URL, else about all of them. */
function restOptions(options: Options, poller: Poller): RestOptions {
  const name = poller.name === undefined ? 'rest' : `rest-${poller.name}`;
  // Credentials and certificates go together: who says one of them for a URL says all of them.
  const hasOwn = poller['token-file'] !== undefined || poller['basic-file'] !== undefined;
  const hasOwnPair = poller.cert !== undefined || poller.key !== undefined;
  const made: RestOptions = {
    name,
    url: poller.url,
    interval: poller.interval ?? options.restInterval,
    timeout: poller.timeout ?? options.restTimeout,
    maxBytes: poller['max-bytes'] ?? options.restMaxBytes,
    maxShrink: poller['max-shrink'] ?? options.restMaxShrink,
    host: poller.host ?? options.restHost,
    tokenFile: hasOwn ? poller['token-file'] : options.restTokenFile,
    basicFile: hasOwn ? poller['basic-file'] : options.restBasicFile,
    headerFile: poller['header-file'] ?? options.restHeaderFile,
    ca: poller.ca ?? options.restCa,
    cert: hasOwnPair ? poller.cert : options.restCert,
    key: hasOwnPair ? poller.key : options.restKey,
    followRedirects: poller['follow-redirects'] ?? options.restFollowRedirects,
  };
  if (made.tokenFile !== undefined && made.basicFile !== undefined) {
    throw new EnvoyageError('invalid-config', `the provider ${name} has a token and a password`, { hint: 'leave out rest-token-file or rest-basic-file' });
  }
  if ((made.cert === undefined) !== (made.key === undefined)) {
    throw new EnvoyageError('invalid-config', `the provider ${name} has only one of rest-cert and rest-key`, { hint: 'a certificate and its key go together' });
  }
  return made;
}
