import { isLoopback } from '../lib/address.ts';
import { EnvoyageError } from '../lib/errors.ts';

/**
 * The daemon to join. Over plain HTTP whoever reads the network reads the token, and can say of this host what they like.
 * @param allowPlaintext where somebody said so in so many words
 * @throws EnvoyageError usage
 */
export function parseJoin(text: string, allowPlaintext: boolean): URL {
  const url = URL.parse(text);
  const hint = 'as in --join https://control.example.com:8080';
  if (url === null || !/^https?:$/.test(url.protocol)) throw new EnvoyageError('usage', `--join "${text}" is not an http:// or https:// URL`, { hint });
  if (url.search + url.hash + url.username + url.password !== '')
    throw new EnvoyageError('usage', '--join must be a URL without user, query and fragment', { hint });
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowPlaintext) {
    throw new EnvoyageError('usage', `--join ${text} is plain HTTP to another machine: whoever reads the network reads the token of this agent`, {
      hint: 'join by https://, or say --insecure-plaintext where nobody else reads the network',
    });
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
