import type { Logger } from '../lib/logger.ts';
import type { Certificate } from '../model/certificate.ts';
import { type CertificateFacts, timeFault } from '../model/certificate-facts.ts';
import { declaredKey, isDeclared, type Kind, type Stored } from '../model/kinds.ts';
import type { Revision } from '../model/revision.ts';
import type { Secrets } from '../registry/registry.ts';
import { SealError } from '../registry/sealer.ts';
import type { Material } from '../rollout/materials.ts';
import { CertificateFault, filesOf, readFiles, type Served, servedFromFiles, servedOf } from './certificate-source.ts';
import { type Contents, watchFiles } from './watched-files.ts';

/** The part of the registry that certificates come from. */
interface Objects {
  readonly secrets: Secrets;
  objects(kind: Kind): Iterable<Stored>;
  object(key: string): Stored | undefined;
}

/** What is served of a certificate, and what is the matter with it. */
export interface CertificateState {
  readonly certificate: Certificate;
  /** Of what is served; undefined where nothing is. */
  readonly facts: CertificateFacts | undefined;
  readonly hosts: readonly string[];
  /** A sentence without a dot; undefined where all is well. */
  readonly problem: string | undefined;
}

interface Entry {
  certificate: Certificate;
  served: Served | undefined;
  fault: string | undefined;
  unwatch: () => void;
}

/**
 * Makes of each certificate what Envoys are sent: opens sealed keys, reads files and follows them. What does not hold together
 * (half a renewal, a file that is gone) is logged and told of, and what was good is served on.
 */
export class Certificates {
  readonly #registry: Objects;
  readonly #logger: Logger;
  readonly #changed: (keys: readonly string[]) => void;
  readonly #entries = new Map<string, Entry>();

  /** @param changed told of the keys of certificates whose files brought something new to serve */
  constructor(registry: Objects, logger: Logger, changed: (keys: readonly string[]) => void) {
    this.#registry = registry;
    this.#logger = logger;
    this.#changed = changed;
  }

  /** Takes over what is declared. Files have been read when it returns. */
  open(): void {
    for (const object of this.#registry.objects('Certificate')) this.#take(object);
  }

  /** To be told of a revision before anybody asks for what is in it. */
  notice({ changes }: Pick<Revision, 'changes'>): void {
    for (const { id } of changes) {
      const object = this.#registry.object(id);
      if (object !== undefined) this.#take(object);
      else if (id.startsWith(PREFIX)) this.#drop(id.slice(PREFIX.length));
    }
  }

  /** What the certificate consists of, in the clear. */
  readonly material = ({ name }: Certificate): Material | undefined => this.#entries.get(name)?.served?.material;

  /** By name. */
  states(now: Date): CertificateState[] {
    return [...this.#entries.values()]
      .map(({ certificate, served, fault }): CertificateState => {
        const overdue = served === undefined ? undefined : timeFault(served.facts, now);
        const problem = fault ?? (overdue === undefined ? undefined : `the certificate ${overdue}`);
        return { certificate, facts: served?.facts, hosts: certificate.hosts ?? served?.material.hosts ?? [], problem };
      })
      .toSorted((a, b) => (a.certificate.name < b.certificate.name ? -1 : 1));
  }

  close(): void {
    for (const { unwatch } of this.#entries.values()) unwatch();
    this.#entries.clear();
  }

  #take(object: Stored): void {
    if (!isDeclared(object) || object.kind !== 'Certificate') return;
    const entry = this.#entries.get(object.name) ?? { certificate: object, served: undefined, fault: undefined, unwatch: () => undefined };
    entry.unwatch();
    entry.certificate = object;
    this.#entries.set(object.name, entry);
    const paths = filesOf(object);
    if (paths === undefined) {
      entry.unwatch = () => undefined;
      this.#serve(entry, () => this.#fromInside(object));
      return;
    }
    const contents = readFiles(paths);
    this.#serve(entry, () => servedFromFiles(object, contents));
    entry.unwatch = watchFiles(paths, contents, (now) => this.#reread(entry, now));
  }

  #drop(name: string): void {
    this.#entries.get(name)?.unwatch();
    this.#entries.delete(name);
  }

  #reread(entry: Entry, contents: Contents): void {
    const before = entry.served?.material;
    this.#serve(entry, () => servedFromFiles(entry.certificate, contents));
    if (entry.served?.material === before) return;
    this.#logger.info(
      { certificate: entry.certificate.name, serial: entry.served?.facts.serial, notAfter: entry.served?.facts.notAfter },
      'a certificate was read again from its files',
    );
    this.#changed([declaredKey('Certificate', entry.certificate.name)]);
  }

  #serve(entry: Entry, make: () => Served): void {
    try {
      entry.served = sameOr(entry.served, make());
      entry.fault = undefined;
    } catch (thrown) {
      if (!(thrown instanceof CertificateFault)) throw thrown;
      entry.fault = thrown.message;
      const consequence = entry.served === undefined ? 'it cannot be served' : 'what was good is served on';
      this.#logger.error({ certificate: entry.certificate.name, fault: thrown.message }, `a certificate is broken: ${consequence}`);
    }
  }

  #fromInside(certificate: Certificate): Served {
    const { cert = '', key = '' } = certificate;
    let opened: string;
    try {
      opened = this.#registry.secrets.open(key);
    } catch (thrown) {
      if (!(thrown instanceof SealError)) throw thrown;
      throw new CertificateFault(`its key does not open, ${thrown.message}: apply it again`);
    }
    return servedOf(certificate, { what: 'cert', text: cert }, { what: 'key', text: opened });
  }
}

const PREFIX = declaredKey('Certificate', '');

/** The one there was where both are equal, so that nobody takes it for news. */
function sameOr(before: Served | undefined, now: Served): Served {
  if (before === undefined) return now;
  const [a, b] = [before.material, now.material];
  return a.cert === b.cert && a.key === b.key && a.hosts.join() === b.hosts.join() ? before : now;
}
