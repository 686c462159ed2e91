/** What one client, or all of them, may ask of the server. */
export interface Limits {
  /** Of one request, bytes. */
  readonly messageBytes: number;
  /** Open at the same time, and as many connections. */
  readonly streams: number;
  /** The same for one IP address. */
  readonly streamsPerAddress: number;
  /** New streams a second, and as many at once. */
  readonly streamRate: number;
  /** Requests a second on one stream, and as many at once. */
  readonly requestRate: number;
  /** For the handshake, for the first stream of a connection and the first request of a stream, milliseconds. */
  readonly firstRequestMs: number;
  /** After which a connection that says nothing is pinged; 10 to 20 s later it is given up. Milliseconds. */
  readonly silenceMs: number;
  /** For a connection that has had streams and has none, milliseconds. */
  readonly idleMs: number;
}

/** A reconnecting Envoy restates names and versions of all that it holds in one message, hence the size. */
export const DEFAULT_LIMITS: Limits = {
  messageBytes: 64 << 20,
  streams: 50_000,
  streamsPerAddress: 5000,
  streamRate: 2000,
  requestRate: 2000,
  firstRequestMs: 10_000,
  silenceMs: 30_000,
  idleMs: 5 * 60_000,
};

/** Everything that is limited, by the name that metric and log line give it. */
export const LIMIT_NAMES = [
  'message-size',
  'streams',
  'streams-per-address',
  'stream-rate',
  'request-rate',
  'first-request',
  'handshake',
  'silence',
  'idle',
  'connections',
  'connections-per-address',
  'types',
  'names',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** One line of a limit that acted, `missed` times more since the last line. */
export interface LimitAct {
  readonly limit: LimitName;
  readonly address: string;
  readonly message: string;
  readonly missed: number;
}

/** Between two lines of the same limit, milliseconds. */
const QUIET_MS = 10_000;

/** Counts each time that a limit acts, and tells of it now and then. */
export class LimitLog {
  readonly counts = Object.fromEntries(LIMIT_NAMES.map((name) => [name, 0])) as Record<LimitName, number>;
  readonly #told = new Map<LimitName, { at: number; count: number }>();
  readonly #tell: ((act: LimitAct) => void) | undefined;

  constructor(tell: ((act: LimitAct) => void) | undefined) {
    this.#tell = tell;
  }

  /** @param now monotonic milliseconds */
  acted(limit: LimitName, address: string, message: string, now = performance.now()): void {
    const count = ++this.counts[limit];
    const last = this.#told.get(limit);
    if (last !== undefined && now - last.at < QUIET_MS) return;
    this.#told.set(limit, { at: now, count });
    this.#tell?.({ limit, address, message, missed: count - 1 - (last?.count ?? 0) });
  }
}
