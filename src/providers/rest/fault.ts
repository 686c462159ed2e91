/** Why an answer cannot be used, in words that hold no secret. */
export class RestFault extends Error {
  override readonly name = 'RestFault';
  /** As long does the server want to be left alone, seconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, more: { retryAfter?: number | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.retryAfter = more.retryAfter;
  }

  /** Whatever was thrown. What Node says of connections names addresses and certificates, and nothing of what was sent. */
  static from(thrown: unknown): RestFault {
    if (thrown instanceof RestFault) return thrown;
    if (thrown instanceof AggregateError && thrown.message === '') return RestFault.from(thrown.errors[0]);
    return new RestFault(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}
