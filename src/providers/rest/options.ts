/** One URL that is polled. Files are absolute paths, and read again for every request: whoever renews them need not say so. */
export interface RestOptions {
  /** `rest`, or `rest-` and the name that people gave it. */
  readonly name: string;
  readonly url: string;
  /** Between the end of one request and the next, seconds; a tenth more or less by chance. */
  readonly interval: number;
  /** For the whole of a request, seconds. */
  readonly timeout: number;
  /** Of the answer as it is after decompression. */
  readonly maxBytes: number;
  /** The part of the objects in force that an answer may leave out, 0 to 1; 1 for all of them. */
  readonly maxShrink: number;
  /** The host of backends, `{name}.example.com`. */
  readonly host?: string | undefined;
  /** Holds a bearer token. */
  readonly tokenFile?: string | undefined;
  /** Holds `USER:PASSWORD`. */
  readonly basicFile?: string | undefined;
  /** Holds headers, `NAME: VALUE` a line. */
  readonly headerFile?: string | undefined;
  /** Authorities that the server's certificate may be of, in place of the system's. */
  readonly ca?: string | undefined;
  /** The client's certificate and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Whether to go to other origins as well; credentials stay here. */
  readonly followRedirects: boolean;
}

/** A URL without what may be a secret. */
export function shownUrl(url: string | URL): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
