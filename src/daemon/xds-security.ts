import { readFileSync } from 'node:fs';
import { type OptionName, type Options, propertyOf } from '../config/options.ts';
import { invalidConfig } from '../config/source.ts';
import { readXdsSecurity, XDS_FILES, type XdsSecurity } from '../config/xds-access.ts';
import type { Logger } from '../lib/logger.ts';
import { DEFAULT_LIMITS, type Limits } from '../xds/limits.ts';
import { watchFiles } from './watched-files.ts';

/**
 * What the xDS server proves itself with and whom it believes, and what follows the files that say so. A change that is not
 * valid is logged, and what was valid stays in force.
 */
export class XdsFiles {
  readonly #options: Options;
  readonly #names: readonly OptionName[];
  readonly #paths: readonly string[];
  readonly #contents: readonly string[];
  readonly security: XdsSecurity;

  /** @throws EnvoyageError invalid-config; the system's error where a file cannot be read */
  constructor(options: Options) {
    this.#options = options;
    this.#names = XDS_FILES.filter((name) => options[propertyOf(name)] !== undefined);
    this.#paths = this.#names.map((name) => String(options[propertyOf(name)]));
    this.#contents = this.#paths.map((path) => readFileSync(path, 'utf8'));
    const security = this.#read(this.#contents);
    if (Array.isArray(security)) throw invalidConfig(security.map((message) => ({ name: 'xds', message })));
    this.security = security;
  }

  /** @returns what ends it */
  follow(apply: (security: XdsSecurity) => void, logger: Logger): () => void {
    if (this.#paths.length === 0) return () => {};
    return watchFiles(this.#paths, this.#contents, (contents) => {
      const security = this.#read(contents);
      if (Array.isArray(security)) {
        logger.error({ faults: security }, 'xDS certificates and tokens are not replaced: what was read before stays in force');
        return;
      }
      apply(security);
      logger.info({ files: this.#paths }, 'xDS certificates and tokens were read again');
    });
  }

  #read(contents: readonly (string | undefined)[]): XdsSecurity | string[] {
    const absent = this.#names.flatMap((name, i) => (contents[i] === undefined ? [`--${name} "${this.#paths[i]}" cannot be read`] : []));
    if (absent.length > 0) return absent;
    const security = readXdsSecurity(new Map(this.#names.map((name, i) => [name, contents[i] ?? ''])), this.#options);
    return Array.isArray(security) ? security.map(({ name, message }) => `--${name} "${this.#options[propertyOf(name)]}" ${message}`) : security;
  }
}

export function xdsLimits(options: Options): Limits {
  return {
    ...DEFAULT_LIMITS,
    messageBytes: options.xdsMaxMessageBytes,
    streams: options.xdsMaxStreams,
    streamsPerAddress: options.xdsMaxStreamsPerAddress,
    streamRate: options.xdsMaxStreamRate,
    requestRate: options.xdsMaxRequestRate,
    firstRequestMs: options.xdsFirstRequestSeconds * 1000,
    silenceMs: options.xdsSilenceSeconds * 1000,
  };
}
