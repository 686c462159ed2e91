import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvoyageError, systemCode } from '../lib/errors.ts';
import { SECRET_LENGTH, SealError, Sealer } from './sealer.ts';

/** In the data folder, beside the database: who has only one of the two can open nothing. */
const FILE = 'secret.key';

/**
 * What seals and opens the keys of certificates, with a secret in a file of its own: 32 random bytes in base64. Unless a file
 * is named it lies in the data folder and is made, for its owner alone, when something is sealed for the first time.
 */
export class SecretKey {
  readonly path: string;
  readonly #isNamed: boolean;
  #sealer: Sealer | undefined;

  /** @param named a file that somebody has made */
  constructor(dataDir: string, named?: string) {
    this.path = named ?? join(dataDir, FILE);
    this.#isNamed = named !== undefined;
  }

  /**
   * To be called before anything else: a secret that is not the one of what is stored is found out here, and not when Envoys ask.
   * @param sealed everything that is stored
   * @param goOn although something does not open: its certificates have to be applied again
   * @throws EnvoyageError secret-key-unusable
   */
  verify(sealed: Iterable<string>, goOn = false): void {
    this.#sealer = this.#read();
    if (goOn) return;
    let count = 0;
    for (const text of sealed) {
      count++;
      if (this.#sealer === undefined) continue;
      try {
        this.#sealer.open(text);
      } catch (thrown) {
        // One that is damaged is a matter of its certificate.
        if (thrown instanceof SealError && thrown.fault === 'other-key') throw otherKey(this.path, thrown);
      }
    }
    if (this.#sealer === undefined && count > 0) throw missing(this.path, count);
  }

  /** @throws EnvoyageError secret-key-unusable where the file cannot be made */
  seal(text: string): string {
    this.#sealer ??= this.#read() ?? this.#make();
    return this.#sealer.seal(text);
  }

  /** @throws SealError */
  open(sealed: string): string {
    this.#sealer ??= this.#read();
    if (this.#sealer === undefined) throw new SealError('other-key', 'there is no secret key yet');
    return this.#sealer.open(sealed);
  }

  #read(): Sealer | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8').trim();
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT' && !this.#isNamed) return undefined;
      throw unusable(
        this.path,
        `cannot be read: ${reason(thrown)}`,
        'let the user that runs Envoyage read it, or name another with --secret-key-file FILE',
        thrown,
      );
    }
    const secret = Buffer.from(text, 'base64');
    if (!/^[A-Za-z0-9+/]{43}=$/.test(text) || secret.length !== SECRET_LENGTH) {
      throw unusable(
        this.path,
        `holds no secret: it has to be ${SECRET_LENGTH} bytes in base64`,
        `put it back from where you keep it; a new one is made by openssl rand -base64 ${SECRET_LENGTH}`,
      );
    }
    return new Sealer(secret);
  }

  /** The file appears whole and is on disk before anything is sealed with it, so that no crash leaves what nobody can open. */
  #make(): Sealer {
    const secret = randomBytes(SECRET_LENGTH);
    const draft = `${this.path}.${process.pid}.new`;
    try {
      const fd = openSync(draft, 'wx', 0o600);
      try {
        writeFileSync(fd, `${secret.toString('base64')}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      try {
        // Unlike a rename, it takes the place of no file that is there.
        linkSync(draft, this.path);
      } finally {
        unlinkSync(draft);
      }
      const folder = openSync(dirname(this.path), 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    } catch (thrown) {
      throw unusable(
        this.path,
        `cannot be made: ${reason(thrown)}`,
        'let the user that runs Envoyage write the data folder, or name a file of your own with --secret-key-file FILE',
        thrown,
      );
    }
    return new Sealer(secret);
  }
}

function missing(path: string, count: number): EnvoyageError {
  const what = count === 1 ? 'the key of a certificate was' : `the keys of ${count} certificates were`;
  return unusable(
    path,
    `is missing, and ${what} sealed with it`,
    'put it back from where you keep it, or name it with --secret-key-file FILE; where it is gone for good, --new-secret-key goes on without those keys',
  );
}

function otherKey(path: string, thrown: SealError): EnvoyageError {
  return unusable(
    path,
    `is not the one that the keys of certificates were sealed with: ${thrown.message}`,
    'put back the one that belongs to this data folder, or name it with --secret-key-file FILE; where it is gone for good, --new-secret-key goes on without those keys',
    thrown,
  );
}

function unusable(path: string, what: string, hint: string, cause?: unknown): EnvoyageError {
  return new EnvoyageError('secret-key-unusable', `the secret key ${path} ${what}`, { hint, ...(cause === undefined ? {} : { cause }) });
}

function reason(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
