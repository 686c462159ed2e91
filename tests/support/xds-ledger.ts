import type { Edit, Store } from '../../src/xds/store.ts';
import { TYPES, type Variant } from './xds-client.ts';
import type { Response } from './xds-wire.ts';

/**
 * A simple model of the protocol, kept for one stream in the order in which the server reads and writes: what was asked
 * for, what was said, what was refused. It is written from xds_protocol.rst and has no more in common with the server than
 * the store it reads; every request and every response is held against it.
 */

/** A request as the server has read it. */
export interface ReadRequest {
  readonly type: string;
  readonly nonce: string;
  /** The names that its error gives. */
  readonly refuses: readonly string[];
  /** State of the world. */
  readonly names?: readonly string[] | undefined;
  readonly versionInfo?: string | undefined;
  /** Incremental. */
  readonly subscribe?: readonly string[] | undefined;
  readonly unsubscribe?: readonly string[] | undefined;
  readonly initialVersions?: ReadonlyMap<string, string> | undefined;
}

/** Which content goes by which version, over all streams: the same version for the same content, and for no other. */
export class VersionBook {
  readonly #contents = new Map<string, string>();
  readonly #versions = new Map<string, string>();
  readonly #bodies = new Map<string, ReadonlyMap<string, string>>();

  /** @throws Error where the version stands for something else, or the content has another one */
  note(of: string, version: string, content: string): void {
    const known = this.#contents.get(`${of} ${version}`) ?? content;
    if (known !== content) throw new Error(`version ${version} of ${of} stands for ${known} and for ${content}`);
    const other = this.#versions.get(`${of} ${content}`) ?? version;
    if (other !== version) throw new Error(`${of} with ${content} has the versions ${other} and ${version}`);
    this.#contents.set(`${of} ${version}`, content);
    this.#versions.set(`${of} ${content}`, version);
  }

  /** The same for all that goes by a version of a type. */
  noteAll(type: string, version: string, bodies: ReadonlyMap<string, string>): void {
    this.note(type, version, summary(bodies));
    this.#bodies.set(`${type} ${version}`, new Map(bodies));
  }

  bodiesOf(type: string, version: string): ReadonlyMap<string, string> | undefined {
    return this.#bodies.get(`${type} ${version}`);
  }

  contentOf(of: string, version: string): string | undefined {
    return this.#contents.get(`${of} ${version}`);
  }
}

/** As much of the history of a stream is shown where it goes wrong. */
const HISTORY = Number(process.env.MODEL_HISTORY ?? 40);

/** What goes before what, where both are asked for (xds_protocol.rst, "Eventual consistency considerations"). */
const ORDER: readonly string[] = [TYPES.cds, TYPES.eds, TYPES.lds, TYPES.rds];

const isWhole = (type: string): boolean => type === TYPES.cds || type === TYPES.lds;

export function bodyIn(store: Store, type: string, name: string): string | undefined {
  const any = store.get(type, name)?.any;
  return any?.toString().slice(any.toString().lastIndexOf(`${name}=`) + name.length + 1);
}

/** One type on one stream. */
class Page {
  wildcard = false;
  /** State of the world: a name was asked for. Incremental: the wildcard was asked for by its name. */
  named = false;
  names = new Set<string>();
  readonly asked = new Set<string>();
  askedAll = false;
  /** What the stream said last of a name, or the client of itself when it came back. */
  readonly told = new Map<string, string>();
  /** Refused, and not published otherwise since. */
  readonly refused = new Map<string, string>();
  readonly everRefused = new Set<string>();
  /** Refused on the stream before by a client that came back with what it held, and not published since: must not come unasked. */
  refusedBefore = new Map<string, string>();
  /** What may come unchanged: its cluster came, it was to be sent again, or it was gone in between. */
  readonly excused = new Set<string>();
  /** What has to come, changed or not, since its cluster did. */
  readonly mustFollow = new Set<string>();
  /** By nonce of what is not answered, the names published since; and those refused that were so before they were refused. */
  readonly since = new Map<string, Set<string>>();
  readonly retried = new Set<string>();
  readonly dropped = new Set<string>();
  /** The last whole had something in place of what was refused, or lacked it. */
  stoodIn = false;
  /** Let go by the store since the stream began. */
  readonly everGone = new Set<string>();
  readonly said = new Map<string, ReadonlyMap<string, string>>();
  nonce = '';
  /** State of the world: the client came back with something, and nobody knows with what … */
  unknown = false;
  /** … but for these, which it was sent since and took. */
  readonly taken = new Set<string>();
  readonly everTaken = new Set<string>();
  /** State of the world: let go of, and no answer taken that was written since; by which nonce that would be later. */
  released = new Set<string>();
  readonly later = new Set<string>();

  covers(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  mayRepeat(name: string): boolean {
    return this.askedAll || this.asked.has(name) || this.excused.has(name) || this.mustFollow.has(name);
  }

  forgetUncovered(): void {
    for (const set of [this.told, this.refused, this.refusedBefore, this.excused, this.mustFollow])
      for (const name of set.keys()) if (!this.covers(name)) set.delete(name);
  }
}

export class StreamLedger {
  readonly #variant: Variant;
  readonly #store: Store;
  readonly #book: VersionBook;
  readonly #pages = new Map<string, Page>();
  readonly #nonces = new Set<string>();
  #released = new Map<string, Set<string>>();
  readonly #refusedBefore = new Map<string, Map<string, string>>();
  /** By type, `name=body` of all that the client refused on any stream. */
  readonly #everRefused = new Map<string, Set<string>>();
  /** Endpoints of clusters that were sent before anyone asked for endpoints: whether they have to follow. */
  readonly #followers = new Map<string, boolean>();
  /** Responses so far. */
  count = 0;
  readonly #history: string[] = [];

  /** Something was wrong. */
  failed = false;

  /** The latest that happened on the stream and those before, or to what it asks for. */
  get history(): string {
    return this.#history.slice(-HISTORY).join('\n');
  }

  #remember(what: string): void {
    this.#history.push(what.replaceAll(/x{9,}|type\.googleapis\.com\/[a-z0-9_.]*/g, ''));
  }

  /** @param before the stream that the client had before */
  constructor(variant: Variant, store: Store, book: VersionBook, before?: StreamLedger) {
    this.#variant = variant;
    this.#store = store;
    this.#book = book;
    if (before === undefined) return;
    this.#history.push(...before.#history.slice(-HISTORY), 'the client came back');
    this.#released = new Map(before.#released);
    for (const [type, refused] of before.#refusedBefore) this.#refusedBefore.set(type, new Map(refused));
    for (const [type, refused] of before.#everRefused) this.#everRefused.set(type, new Set(refused));
    for (const [type, page] of before.#pages) {
      this.#everRefused.set(type, page.everRefused.union(this.#everRefused.get(type) ?? new Set()));
      // Of what was not answered nobody knows what the client made of it.
      const open = variant === 'delta' ? [] : [...page.said.values()].flatMap((said) => (isWhole(type) ? ['*'] : [...said.keys()]));
      this.#released.set(type, page.released.union(new Set(open)));
      // One that is still under way is another try. Where nobody knows what the client has, nothing can take the place of what it refused.
      const known = [...page.refused].filter(
        ([name]) =>
          !page.mayRepeat(name) &&
          !page.retried.has(name) &&
          ![...page.said.values()].some((said) => said.has(name)) &&
          (!isWhole(type) || !page.unknown || page.taken.has(name)),
      );
      this.#refusedBefore.set(type, new Map([...page.refusedBefore, ...known]));
    }
  }

  published(edits: readonly Edit[], again: readonly { type: string; name: string }[]): void {
    for (const { type, name } of edits) {
      const page = this.#pages.get(type);
      this.#refusedBefore.get(type)?.delete(name);
      for (const names of page?.since.values() ?? []) names.add(name);
      // What takes the place of it comes, even where the client has just that.
      if (page?.refusedBefore.delete(name)) page.excused.add(name);
      const body = bodyIn(this.#store, type, name);
      if (page !== undefined && page.refused.get(name) !== body) page.refused.delete(name);
      if (body !== undefined) continue;
      page?.excused.add(name);
      page?.everGone.add(name);
    }
    this.#remember(
      `published ${edits.map(({ type, name }) => `${type} ${name}=${bodyIn(this.#store, type, name)}`).join(', ')} again ${again.map(({ type, name }) => `${type} ${name}`).join(', ')}`,
    );
    for (const { type, name } of again) {
      this.#pages.get(type)?.excused.add(name);
      for (const refused of [this.#refusedBefore.get(type), this.#pages.get(type)?.refusedBefore]) refused?.delete(name);
    }
  }

  read(request: ReadRequest): void {
    this.#remember(`read ${JSON.stringify({ ...request, initialVersions: Object.fromEntries(request.initialVersions ?? []) })}`);
    const known = this.#pages.get(request.type);
    const page = known ?? new Page();
    this.#pages.set(request.type, page);
    // The first request with a nonce answers it; later ones say something else.
    const said = page.said.get(request.nonce) ?? new Map<string, string>();
    const answers = page.said.delete(request.nonce);
    const since = page.since.get(request.nonce);
    page.since.delete(request.nonce);
    if (known === undefined) page.released = this.#released.get(request.type) ?? page.released;
    else if (answers && request.refuses.length === 0 && page.later.has(request.nonce)) page.released.clear();
    for (const [name, body] of said) {
      if (request.refuses.includes(name)) continue;
      page.taken.add(name);
      page.everTaken.add(`${name}=${body}`);
      if (page.refused.get(name) === body) page.refused.delete(name);
    }
    for (const name of request.refuses) {
      const body = said.get(name);
      if (body === undefined) continue;
      page.everRefused.add(`${name}=${body}`);
      if (since?.has(name)) page.retried.add(name);
      else page.retried.delete(name);
      // Who refuses what it took before is not understood.
      const plain = !page.everTaken.has(`${name}=${body}`);
      if (plain && bodyIn(this.#store, request.type, name) === body && page.told.get(name) === body) page.refused.set(name, body);
    }
    // What is not refused of such an answer may have been taken, and the client keeps its version all the same.
    if (this.#variant === 'sotw' && answers && request.refuses.length > 0) {
      for (const name of isWhole(request.type) ? ['*'] : said.keys()) page.released.add(name);
      page.later.clear();
    }
    if (this.#variant === 'delta') this.#readDelta(page, request, known === undefined);
    else this.#readSotw(page, request, known === undefined);
    if (known === undefined) this.#comesBack(page, request);
    page.forgetUncovered();
    if (known === undefined && request.type === TYPES.eds) this.#followLate(page);
  }

  /** One that holds something is the same as before; one that does not may have been started anew. */
  #comesBack(page: Page, { type, initialVersions, versionInfo = '' }: ReadRequest): void {
    const before = this.#refusedBefore.get(type);
    this.#refusedBefore.delete(type);
    if (this.#variant === 'delta' ? (initialVersions?.size ?? 0) === 0 : versionInfo === '') return;
    for (const refused of this.#everRefused.get(type) ?? []) page.everRefused.add(refused);
    for (const [name, body] of this.#content(page, type)) {
      // Some of it was tried again in between, and may come or not.
      if (!page.everRefused.has(`${name}=${body}`)) continue;
      page.asked.delete(name);
      page.excused.add(name);
    }
    for (const [name, body] of before ?? []) {
      if (!page.covers(name) || bodyIn(this.#store, type, name) !== body) continue;
      page.refusedBefore.set(name, body);
      page.excused.delete(name);
    }
    const due = [...this.#content(page, type)].some(([name, body]) => !page.everRefused.has(`${name}=${body}`));
    if (!due) page.askedAll = false;
  }

  #followLate(endpoints: Page): void {
    for (const [name, must] of this.#followers) if (endpoints.covers(name)) (must ? endpoints.mustFollow : endpoints.excused).add(name);
  }

  #readDelta(page: Page, { type, subscribe = [], unsubscribe = [], initialVersions = new Map() }: ReadRequest, first: boolean): void {
    if (first && subscribe.length === 0 && unsubscribe.length === 0) {
      page.wildcard = true;
      page.askedAll = true;
    }
    for (const name of subscribe) {
      if (name === '*') {
        page.askedAll ||= !page.wildcard || page.named;
        page.wildcard = true;
        page.named = true;
      } else {
        page.names.add(name);
        page.asked.add(name);
      }
    }
    for (const name of unsubscribe) {
      if (name === '*') {
        page.wildcard = false;
        page.named = false;
        page.askedAll = false;
        for (const asked of page.asked) if (!page.names.has(asked)) page.asked.delete(asked);
      } else if (page.names.delete(name)) {
        if (page.wildcard) page.asked.add(name);
        else page.asked.delete(name);
      }
    }
    if (!first || initialVersions.size === 0) return;
    page.askedAll = false;
    for (const [name, version] of initialVersions) {
      const body = this.#book.contentOf(`${type} ${name}`, version);
      if (body === undefined) throw new Error(`the client holds ${name} under a version that nobody sent`);
      page.told.set(name, body);
      const now = bodyIn(this.#store, type, name);
      if (now === undefined || now === body) page.asked.delete(name);
      if (now !== body) page.excused.add(name);
    }
  }

  #readSotw(page: Page, { type, nonce, names: list = [], versionInfo = '' }: ReadRequest, first: boolean): void {
    if (list.length > 0) page.named = true;
    const names = new Set(list);
    const wildcard = names.delete('*') || !page.named;
    if (page.nonce !== '' && nonce !== '' && nonce !== page.nonce) {
      if (page.wildcard && !wildcard) page.dropped.add('*');
      for (const name of page.names) if (!names.has(name)) page.dropped.add(name);
      return;
    }
    if (wildcard && (!page.wildcard || page.dropped.has('*'))) page.askedAll = true;
    const released = [...[...page.names].filter((name) => !names.has(name)), ...page.dropped, ...(page.wildcard && !wildcard ? ['*'] : [])];
    for (const name of released) page.released.add(name);
    if (released.length > 0) page.later.clear();
    for (const name of names) if (!page.names.has(name) || page.dropped.has(name)) page.asked.add(name);
    for (const name of page.names) if (!names.has(name)) page.asked.delete(name);
    if (!wildcard) page.askedAll = false;
    page.wildcard = wildcard;
    page.names = names;
    page.dropped.clear();
    if (!first || versionInfo === '') return;
    const content = this.#content(page, type);
    if (this.#book.contentOf(type, versionInfo) !== summary(content)) {
      page.unknown = true;
      const held = this.#book.bodiesOf(type, versionInfo);
      if (held === undefined) return;
      // It holds what there was then, and may be told of what changed alone, or of everything.
      page.askedAll = false;
      for (const [name, body] of held) {
        if (!page.covers(name)) continue;
        page.told.set(name, body);
        page.excused.add(name);
      }
      for (const name of page.asked) if (page.told.has(name)) page.asked.delete(name);
      for (const name of content.keys()) page.excused.add(name);
      return;
    }
    page.asked.clear();
    page.askedAll = false;
    for (const [name, body] of content) {
      page.told.set(name, body);
      if (page.released.has('*') || page.released.has(name)) page.excused.add(name);
    }
  }

  /** @throws Error where the server may not say this, or not now */
  wrote(response: Response): void {
    this.failed = true;
    this.#wrote(response);
    this.failed = false;
  }

  #wrote(response: Response): void {
    const { typeUrl: type, nonce, resources, removed } = response;
    this.count++;
    this.#remember(
      `wrote ${type} nonce ${nonce} version ${response.version}: ${resources.map(({ name, body }) => `${name}=${body}`).join(', ')} removed ${removed.join(', ')}`,
    );
    const page = this.#pages.get(type);
    if (page === undefined) throw new Error('a response of a type that nobody asked for');
    if (nonce === '' || this.#nonces.has(nonce)) throw new Error(`nonce '${nonce}' a second time on one stream`);
    this.#nonces.add(nonce);
    page.nonce = nonce;
    page.later.add(nonce);
    const names = [...resources.map(({ name }) => name), ...removed];
    if (new Set(names).size < names.length) throw new Error(`a name twice in one response: ${names.join(' ')}`);
    for (const name of names) if (!page.covers(name)) throw new Error(`${name} was not asked for`);
    for (const { name, typeUrl } of resources) if (typeUrl !== type) throw new Error(`${name} is a ${typeUrl} in a response of ${type}`);
    const bodies = new Map(resources.map(({ name, body }) => [name, body]));
    page.said.set(nonce, bodies);
    page.since.set(nonce, new Set());
    for (const [name, body] of bodies)
      if (page.refusedBefore.get(name) === body && !page.mayRepeat(name))
        throw new Error(`${name}=${body} was refused before the client came back, and is sent again`);
    if (resources.length > 0) this.#inOrder(type);
    if (this.#variant === 'delta') this.#wroteDelta(page, response);
    else if (isWhole(type)) this.#wroteWhole(page, response, bodies);
    else this.#wrotePart(page, response);
    if (type === TYPES.cds) this.#followed(page, bodies);
    for (const [name, body] of bodies) {
      page.refusedBefore.delete(name);
      page.told.set(name, body);
      // Sent again for a reason, it is to be refused anew.
      if (page.refused.get(name) === body) page.refused.delete(name);
      page.excused.delete(name);
      page.mustFollow.delete(name);
      page.asked.delete(name);
    }
  }

  #wroteDelta(page: Page, { typeUrl: type, resources, removed }: Response): void {
    if (resources.length + removed.length === 0 && !page.askedAll) throw new Error('a response that says nothing');
    for (const { name, version, body } of resources) {
      this.#book.note(`${type} ${name}`, version, body);
      this.#newest(page, type, name, body);
    }
    for (const name of removed) {
      if (this.#store.get(type, name) !== undefined) throw new Error(`${name} is there and was removed`);
      if (!page.told.has(name) && !page.mayRepeat(name) && !page.everGone.has(name)) throw new Error(`${name} was removed, and never sent`);
      page.told.delete(name);
      page.asked.delete(name);
    }
    if (!page.askedAll) return;
    const said = new Set(resources.map(({ name }) => name));
    for (const name of this.#store.resources(type).keys()) if (!said.has(name)) throw new Error(`${name} is not in the answer for everything`);
    page.askedAll = false;
  }

  #wrotePart(page: Page, { typeUrl: type, version, resources }: Response): void {
    if (resources.length === 0) throw new Error('a response that says nothing');
    for (const { name, body } of resources) this.#newest(page, type, name, body);
    if (!version.includes('-')) this.#book.noteAll(type, version, this.#content(page, type));
    page.askedAll = false;
  }

  #wroteWhole(page: Page, { typeUrl: type, version }: Response, bodies: ReadonlyMap<string, string>): void {
    const isThere = (name: string): boolean => this.#store.get(type, name) !== undefined;
    let reason = page.stoodIn || page.released.size > 0 || page.askedAll || page.asked.size > 0 || [...page.excused].some(isThere);
    // Where what was refused is gone, the client may be told, though it never had it.
    reason ||= [...page.everRefused].some((refused) => !isThere(refused.slice(0, refused.indexOf('='))));
    let stoodIn = false;
    for (const [name, body] of bodies) {
      const now = bodyIn(this.#store, type, name);
      const parked = page.everRefused.has(`${name}=${now}`);
      // What is about to leave may be in it until then; what was refused is stood in for.
      if (now === undefined ? !page.everGone.has(name) && !page.unknown : now !== body && !parked) throw new Error(`${name} is ${now} and was sent as ${body}`);
      if (page.refused.get(name) === body && !page.mayRepeat(name) && (!page.unknown || page.taken.has(name)))
        throw new Error(`${name}=${body} was refused and is sent again`);
      reason ||= now === body && page.told.get(name) !== body;
      stoodIn ||= now !== body;
    }
    for (const [name, body] of this.#content(page, type))
      if (!bodies.has(name) && !page.everRefused.has(`${name}=${body}`)) throw new Error(`${name} is not in the whole`);
    for (const name of page.told.keys()) {
      if (bodies.has(name)) continue;
      reason = true;
      stoodIn ||= page.everRefused.has(`${name}=${page.told.get(name)}`);
      page.told.delete(name);
    }
    page.stoodIn = stoodIn;
    if (!reason) throw new Error(`a whole without a reason: ${summary(bodies)}`);
    if (!version.includes('-')) this.#book.noteAll(type, version, bodies);
    page.askedAll = false;
    page.asked.clear();
    for (const name of page.excused) if (this.#store.get(type, name) !== undefined) page.excused.delete(name);
  }

  /** A resource has to be the newest, and changed where it was not asked for. */
  #newest(page: Page, type: string, name: string, body: string): void {
    const now = bodyIn(this.#store, type, name);
    if (now !== body) throw new Error(`${name} is ${now} and was sent as ${body}`);
    if (page.told.get(name) !== body || page.mayRepeat(name)) return;
    throw new Error(`${name}=${body} ${page.refused.has(name) ? 'was refused' : 'did not change'} and is sent again`);
  }

  /** Listeners and routes go out when all that they may refer to has been sent. */
  #inOrder(type: string): void {
    if (type !== TYPES.lds && type !== TYPES.rds) return;
    for (const earlier of ORDER.slice(0, ORDER.indexOf(type))) {
      const page = this.#pages.get(earlier);
      if (page === undefined) continue;
      for (const [name, body] of this.#content(page, earlier))
        if (page.told.get(name) !== body && !page.everRefused.has(`${name}=${body}`)) throw new Error(`${type} goes before ${earlier} ${name}=${body}`);
    }
  }

  /** Endpoints have to follow a cluster that is new or changed, and may follow one that was asked for. */
  #followed(page: Page, bodies: ReadonlyMap<string, string>): void {
    for (const [name, body] of bodies) {
      if (!name.startsWith('eds-')) continue;
      const endpoints = this.#pages.get(TYPES.eds);
      // What stands in for something refused is what the client has.
      const changed = page.told.get(name) !== body && bodyIn(this.#store, TYPES.cds, name) === body;
      if (endpoints === undefined) this.#followers.set(name, changed || this.#followers.get(name) === true);
      if (endpoints?.covers(name)) (changed ? endpoints.mustFollow : endpoints.excused).add(name);
    }
  }

  /** To be called where nothing is under way: everything asked for has been said. @throws Error where it has not */
  quiescent(): void {
    this.failed = true;
    this.#quiescent();
    this.failed = false;
  }

  #quiescent(): void {
    for (const [type, page] of this.#pages) {
      if (page.askedAll) throw new Error(`${type}: everything was asked for and not sent`);
      for (const [name, body] of this.#content(page, type)) {
        if (page.asked.has(name)) throw new Error(`${type} ${name} was asked for and not sent`);
        if (page.mustFollow.has(name)) throw new Error(`${type} ${name} did not follow its cluster`);
        if (page.told.get(name) !== body && !page.everRefused.has(`${name}=${body}`))
          throw new Error(`${type} ${name} is ${body}, and ${page.told.get(name)} was sent`);
      }
      for (const name of this.#variant === 'delta' ? page.asked : []) throw new Error(`${type} ${name} was asked for and not answered`);
    }
  }

  /** What there is of all that is asked for. */
  #content(page: Page, type: string): Map<string, string> {
    const content = new Map<string, string>();
    for (const name of this.#store.resources(type).keys()) if (page.covers(name)) content.set(name, bodyIn(this.#store, type, name) ?? '');
    return content;
  }
}

function summary(bodies: ReadonlyMap<string, string>): string {
  return [...bodies]
    .map(([name, body]) => `${name.slice(0, 8)}=${body}`)
    .toSorted()
    .join(' ');
}
