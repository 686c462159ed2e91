/** `https` is HTTP/2 or HTTP/1.1 over TLS, whichever the endpoint prefers; `h2c` and `grpc` are HTTP/2. */
export const PROTOCOLS = ['http', 'h2c', 'https', 'grpc'] as const;

export type Protocol = (typeof PROTOCOLS)[number];
