import type { X509Certificate } from 'node:crypto';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Server } from '@grpc/grpc-js';
import type { LimitLog, Limits } from './limits.ts';

/** One HTTP/2 connection. Times are monotonic milliseconds. */
interface Connection {
  readonly session: ServerHttp2Session;
  readonly peer: string;
  readonly openedAt: number;
  streams: number;
  /** False until it has had its first stream. */
  used: boolean;
  /** Since when it has no stream. */
  idleSince: number;
  bytesRead: number;
  heardAt: number;
  /** Since it was heard last. */
  pingedAt: number | undefined;
  /** The time for its answer was up when it was looked at last. */
  late: boolean;
}

/** Between two looks for what was heard, milliseconds. */
const MOST_DEAF_MS = 5000;
/** For the answer to a ping, milliseconds. */
const ANSWER_MS = 10_000;

/**
 * The connections below the streams: counts them, and finds those that are of no use: that never finish a handshake, that
 * open no stream, that are silent though they are pinged.
 */
export class Connections {
  readonly #limits: Limits;
  readonly #log: LimitLog;
  readonly #refused: (peer: string, reason: string) => void;
  readonly #byPeer = new Map<string, Connection>();
  readonly #byAddress = new Map<string, number>();
  readonly #sockets = new Map<string, Socket>();
  /** When to look next for what was heard of each. */
  #listenAt = 0;

  constructor(limits: Limits, log: LimitLog, refused: (peer: string, reason: string) => void) {
    this.#limits = limits;
    this.#log = log;
    this.#refused = refused;
  }

  /** Follows what the server accepts from now on. */
  watch(server: Server): void {
    for (const http of http2Servers(server)) {
      http.maxConnections = this.#limits.streams;
      http.on('drop', (dropped?: { remoteAddress?: string }) => {
        const message = `${this.#limits.streams} connections are open already (--xds-max-streams)`;
        this.#log.acted('connections', dropped?.remoteAddress ?? 'unknown', message);
      });
      http.prependListener('connection', (socket: Socket) => this.#accepted(socket));
      http.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => this.#handshakeFailed(error, socket));
      http.on('session', (session) => this.#opened(session));
      http.on('stream', (stream) => this.#used(stream as ServerHttp2Stream));
    }
  }

  /** When its handshake was done, monotonic milliseconds. */
  openedAt(peer: string): number {
    return this.#byPeer.get(peer)?.openedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** What the client sent along with its certificate, between that and the authority. */
  sentAlong(peer: string): X509Certificate[] {
    const socket = this.#byPeer.get(peer)?.session.socket;
    const certificates: X509Certificate[] = [];
    if (!(socket instanceof TLSSocket)) return certificates;
    for (let next = socket.getPeerX509Certificate()?.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
      if (certificates.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
      certificates.push(next);
    }
    return certificates;
  }

  /** Ends a connection without another word. A session that has much to write would not go by `session.destroy()`, its socket does. */
  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  cutAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  /** Looks at all of them; to be called every second or so. */
  sweep(now: number): void {
    const listens = now >= this.#listenAt;
    if (listens) this.#listenAt = now + Math.min(MOST_DEAF_MS, this.#limits.silenceMs / 3);
    for (const connection of this.#byPeer.values()) {
      if (!this.#isIdle(connection, now) && listens) this.#listen(connection, now);
    }
  }

  #accepted(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    const here = this.#byAddress.get(remoteAddress) ?? 0;
    const most = this.#limits.streamsPerAddress;
    if (here >= most) {
      this.#log.acted('connections-per-address', remoteAddress, `${most} connections of this address are open already (--xds-max-streams-per-address)`);
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#byAddress.set(remoteAddress, here + 1);
    this.#sockets.set(peer, socket);
    socket.once('close', () => {
      this.#sockets.delete(peer);
      const left = (this.#byAddress.get(remoteAddress) ?? 0) - 1;
      if (left > 0) this.#byAddress.set(remoteAddress, left);
      else this.#byAddress.delete(remoteAddress);
    });
  }

  #handshakeFailed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const peer = peerOf(socket);
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
      this.#log.acted('handshake', peer, `no TLS handshake within ${this.#limits.firstRequestMs / 1000} s (--xds-first-request-seconds)`);
      return;
    }
    const reason = handshakeFault(error, socket);
    if (reason !== undefined) this.#refused(peer, reason);
  }

  #opened(session: ServerHttp2Session): void {
    const now = performance.now();
    const peer = peerOf(session.socket);
    const connection: Connection = {
      session,
      peer,
      openedAt: now,
      streams: 0,
      used: false,
      idleSince: now,
      bytesRead: 0,
      heardAt: now,
      pingedAt: undefined,
      late: false,
    };
    this.#byPeer.set(peer, connection);
    session.once('close', () => {
      if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
    });
  }

  #used(stream: ServerHttp2Stream): void {
    const { session } = stream;
    const connection = session === undefined || session.destroyed ? undefined : this.#byPeer.get(peerOf(session.socket));
    if (connection === undefined) return;
    connection.streams++;
    connection.used = true;
    stream.once('close', () => {
      connection.streams--;
      connection.idleSince = performance.now();
      // grpc-js refuses such a message by itself; the status that it sends is all there is to see of it.
      const sent = stream.sentTrailers ?? stream.sentHeaders;
      const words = String(sent?.['grpc-message'] ?? '');
      if (/larger%20than/.test(words)) this.#log.acted('message-size', connection.peer, `${decodeURI(words)} (--xds-max-message-bytes)`);
    });
  }

  #isIdle({ session, peer, streams, used, idleSince }: Connection, now: number): boolean {
    if (session.closed || session.destroyed) return true;
    const { firstRequestMs, idleMs } = this.#limits;
    if (streams > 0 || now - idleSince < (used ? idleMs : firstRequestMs)) return false;
    if (used) this.#log.acted('idle', peer, `no stream for ${idleMs / 1000} s on a connection that had one`);
    else this.#log.acted('first-request', peer, `a connection that opened no stream within ${firstRequestMs / 1000} s (--xds-first-request-seconds)`);
    if (used) session.close();
    else this.cut(peer);
    return true;
  }

  /** Finds the dead: an Envoy that lost its network does not say goodbye. Whatever is heard of it shows that it lives. */
  #listen(connection: Connection, now: number): void {
    const { session, peer } = connection;
    if (session.destroyed) return;
    const { bytesRead } = session.socket;
    if (bytesRead !== connection.bytesRead) {
      connection.bytesRead = bytesRead;
      connection.heardAt = now;
      connection.pingedAt = undefined;
      connection.late = false;
      return;
    }
    if (connection.pingedAt === undefined) {
      if (now - connection.heardAt < this.#limits.silenceMs) return;
      connection.pingedAt = now;
      session.ping(() => {});
    } else if (now - connection.pingedAt >= ANSWER_MS) {
      // Once more, since this process may have been too busy to read the answer before it looked.
      if (!connection.late) connection.late = true;
      else {
        const silent = Math.round((now - connection.heardAt) / 1000);
        this.#log.acted('silence', peer, `nothing was heard for ${silent} s, in spite of a ping (--xds-silence-seconds)`);
        this.cut(peer);
      }
    }
  }
}

/** As gRPC names it. */
function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress ?? 'unknown'}:${remotePort ?? 0}`;
}

/** What a failed handshake says of the client; undefined for one that hung up, as probes of a port do. */
function handshakeFault(error: NodeJS.ErrnoException, socket: TLSSocket): string | undefined {
  // Node sets it before it destroys the socket; a certificate that OpenSSL alone refused has none.
  const { authorizationError } = socket as { authorizationError?: Error | string | null };
  if (authorizationError) {
    const why =
      typeof authorizationError === 'string' ? authorizationError : ((authorizationError as NodeJS.ErrnoException).code ?? authorizationError.message);
    return `its certificate is not valid here: ${why}`;
  }
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
      return 'it showed no certificate, and --xds-client-ca asks for one';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it speaks no TLS, and this server does';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSL/TLS_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
      return 'it does not trust the certificate of this server (--xds-tls-cert)';
    default:
      return `its TLS handshake failed: ${error.code ?? error.message}`;
  }
}

/** grpc-js hands out no server object: this reads the map that it keeps them in. The package's version is pinned. */
function http2Servers(server: Server): Http2Server[] {
  const { http2Servers: kept } = server as unknown as { http2Servers?: ReadonlyMap<Http2Server, unknown> };
  if (kept === undefined || kept.size === 0) throw new Error('this version of @grpc/grpc-js keeps its servers elsewhere');
  return [...kept.keys()];
}
