import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type Dockerode from 'dockerode';
import type { EngineAddress } from './address.ts';
import { EVENT_FILTERS } from './events.ts';
import { EngineFault, faultOf } from './fault.ts';
import { type Loose, list, loose, text } from './loose.ts';

/** The newest version of the engine's API that this was made for; an engine that knows only newer ones is asked in its oldest. */
const NEWEST_API = '1.44';

/** An engine that has not answered a question after so long does not, milliseconds. */
const PATIENCE = 10_000;

const MOST_LIST_BYTES = 64 * 1024 * 1024;
const MOST_INSPECT_BYTES = 8 * 1024 * 1024;

/** Clocks that differ by less are taken for the same: the engine tells its time in whole seconds. */
const SAME_CLOCK_MS = 2500;

/** A connection's worth of questions to one engine. Everything here throws `EngineFault`, and ends when `signal` says so. */
export interface EngineClient {
  /** The engine's clock when it was asked, milliseconds. */
  readonly at: number;
  /** What is to be added to the engine's time to get ours, milliseconds; 0 where both are about the same. */
  readonly skew: number;
  list(signal: AbortSignal): Promise<readonly Loose[]>;
  inspect(id: string, signal: AbortSignal): Promise<unknown>;
  /** Resolves when the engine has begun to tell. @param since by its clock, milliseconds: what happened from then on is told first, as far as it knows */
  events(since: number, signal: AbortSignal): Promise<IncomingMessage>;
}

/**
 * Asks the engine for its version, and speaks as both know it.
 * @throws EngineFault
 */
export async function connectEngine(address: EngineAddress, signal: AbortSignal): Promise<EngineClient> {
  const modem = await modemOf(address);
  const version = await negotiate(modem, signal);
  modem.version = version.api === undefined ? undefined : `v${version.api}`;
  const at = Number.isNaN(version.date) ? Date.now() : version.date;
  return {
    at,
    skew: Math.abs(Date.now() - at) < SAME_CLOCK_MS ? 0 : Date.now() - at,
    list: async (during) => {
      const { body } = await ask(modem, '/containers/json?', { all: true }, MOST_LIST_BYTES, during);
      if (!Array.isArray(body)) throw new EngineFault('the engine answers a list of containers with something else');
      return list(body).map(loose);
    },
    inspect: async (id, during) => (await ask(modem, `/containers/${id}/json`, {}, MOST_INSPECT_BYTES, during)).body,
    events: (since, during) =>
      withPatience(during, (bounded) => dial(modem, '/events?', { since: (since / 1000).toFixed(3), filters: EVENT_FILTERS }, bounded, during)),
  };
}

/** What is used of docker-modem; its types keep some of it to themselves. */
interface Modem {
  version?: string | undefined;
  readonly dial: Dockerode['modem']['dial'];
  buildRequest(request: object, ...more: unknown[]): void;
}

/** All that docker-modem would take from the environment is said, so that it takes nothing from there. */
async function modemOf({ sockets, host, port, tls }: EngineAddress): Promise<Modem> {
  const { default: Docker } = await import('dockerode');
  const pem = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(path));
  try {
    const modem = new Docker({
      socketPath: sockets?.find((path) => existsSync(path)) ?? sockets?.[0] ?? '/',
      host: undefined,
      protocol: tls === undefined ? 'http' : 'https',
      ca: pem(tls?.ca),
      cert: pem(tls?.cert),
      key: pem(tls?.key),
      // A connection that was kept may be dead without anybody knowing, and the next question would wait for it.
      headers: { Connection: 'close' },
      timeout: undefined,
      version: undefined,
    } as Dockerode.DockerOptions).modem as unknown as Modem;
    if (host === undefined) return modem;
    // It takes addresses apart by url.parse, of which Node warns. So it believes in a socket, and the request goes where it should.
    const build = modem.buildRequest.bind(modem);
    modem.buildRequest = (request, ...more) => build({ ...request, socketPath: undefined, host, port }, ...more);
    return modem;
  } catch (thrown) {
    throw faultOf(thrown);
  }
}

async function negotiate(modem: Modem, signal: AbortSignal): Promise<{ api: string | undefined; date: number }> {
  try {
    const { body, date } = await ask(modem, '/version', {}, MOST_INSPECT_BYTES, signal);
    return { api: commonVersion(loose(body)), date };
  } catch (thrown) {
    // A proxy that guards the socket may keep the version for itself; without one, the engine speaks its newest.
    if (thrown instanceof EngineFault && (thrown.status === 403 || thrown.status === 404)) return { api: undefined, date: Number.NaN };
    throw thrown;
  }
}

/** The newest that both know; undefined where the engine does not say. */
export function commonVersion({ ApiVersion, MinAPIVersion }: Loose): string | undefined {
  const newest = text(ApiVersion);
  if (newest === undefined || !/^\d+\.\d+$/.test(newest)) return undefined;
  const least = text(MinAPIVersion);
  if (least !== undefined && /^\d+\.\d+$/.test(least) && isOlder(NEWEST_API, least)) return least;
  return isOlder(newest, NEWEST_API) ? newest : NEWEST_API;
}

function isOlder(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function ask(modem: Modem, path: string, options: object, most: number, signal: AbortSignal): Promise<{ body: unknown; date: number }> {
  return withPatience(signal, async (bounded) => {
    const response = await dial(modem, path, options, bounded, bounded);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > most) throw new EngineFault(`the engine's answer has more than ${most} bytes`);
      chunks.push(chunk);
    }
    try {
      return { body: JSON.parse(Buffer.concat(chunks).toString()) as unknown, date: Date.parse(response.headers.date ?? '') };
    } catch {
      throw new EngineFault(`the engine answers ${path.replace('?', '')} with something that is no JSON`);
    }
  });
}

/**
 * docker-modem calls back once: with the response, with a fault, or never, where a connection ends in the middle of an answer.
 * @param waiting how long for the response @param during how long for all of it
 */
function dial(modem: Modem, path: string, options: object, waiting: AbortSignal, during: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const end = (): void => {
      controller.abort();
      reject(during.aborted ? (during.reason as Error) : (waiting.reason as Error));
    };
    if (waiting.aborted || during.aborted) return end();
    waiting.addEventListener('abort', end, { once: true });
    modem.dial({ path, method: 'GET', options, isStream: true, statusCodes: { 200: true }, abortSignal: controller.signal }, (fault, response) => {
      waiting.removeEventListener('abort', end);
      if (fault !== null || response === null) return reject(faultOf(fault));
      const message = response as IncomingMessage;
      const cut = (): void => {
        message.destroy(during.reason as Error);
      };
      if (during.aborted) cut();
      during.addEventListener('abort', cut, { once: true });
      message.once('close', () => during.removeEventListener('abort', cut));
      resolve(message);
    });
  });
}

/** @throws EngineFault where it takes longer, or whatever the work throws, as one */
async function withPatience<T>(signal: AbortSignal, work: (bounded: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new EngineFault(`the engine has not answered for ${PATIENCE / 1000} s`, { late: true })), PATIENCE);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await work(controller.signal);
  } catch (thrown) {
    throw controller.signal.aborted ? faultOf(controller.signal.reason) : faultOf(thrown);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
