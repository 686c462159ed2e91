import type { Writable } from 'node:stream';
import type { ServerDuplexStream } from '@grpc/grpc-js';

/** "Length-Prefixed-Message" of the gRPC over HTTP/2 specification: one byte for compression, none here, and four for the length. */
export const PREFIX_BYTES = 5;

/** The message with its prefix, as the transport takes it. */
export function prefixed(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafeSlow(PREFIX_BYTES + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** What is used here of grpc-js's own call (1.14, `BaseServerInterceptingCall`), which its types do not show. */
interface Inner {
  readonly stream?: Writable;
  checkCancelled?(): boolean;
  maybeSendMetadata?(): void;
}

export type WriteFrame = (framed: Buffer, written: () => void) => void;

/**
 * Writes to a call. grpc-js prefixes every message for every call, which takes a copy of it; a thousand streams that wait
 * for the same megabytes then hold a thousand of them. So what is prefixed already goes to the HTTP/2 stream as it is.
 * @returns `shares` is false where grpc-js is not as expected, and messages take its own way
 */
export function frameWriter(call: ServerDuplexStream<unknown, Buffer>): { readonly write: WriteFrame; readonly shares: boolean } {
  const inner = (call as unknown as { readonly call?: Inner }).call;
  const { stream } = inner ?? {};
  if (inner?.checkCancelled === undefined || inner.maybeSendMetadata === undefined || stream === undefined) {
    return { write: (framed, written) => void call.write(framed.subarray(PREFIX_BYTES), written), shares: false };
  }
  return {
    shares: true,
    write(framed, written) {
      if (inner.checkCancelled?.() === true) return;
      inner.maybeSendMetadata?.();
      stream.write(framed, (error) => {
        // A stream that broke is closed by its own events.
        if (error === null || error === undefined) written();
      });
    },
  };
}
