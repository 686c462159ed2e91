import { getSystemErrorMap } from 'node:util';

/** Why an engine could not be asked; the message is for people. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';
  /** HTTP status, where the engine answered. */
  readonly status: number | undefined;
  /** True where it was asked, and did not answer in time. */
  readonly late: boolean;
  /** True where asking again at once will do. */
  readonly again: boolean;

  constructor(message: string, more: { status?: number | undefined; late?: boolean; again?: boolean; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = more.status;
    this.late = more.late ?? false;
    this.again = more.again ?? false;
  }

  /** True where it says something of the one container that it was asked about, and nothing of the engine. */
  get isOfOne(): boolean {
    return this.status !== undefined || this.late;
  }
}

/** What to do about the faults that people meet first. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'is the engine running?',
  ECONNREFUSED: 'is the engine running?',
  EACCES: 'the user that runs Envoyage may not open it: see docs/docker.md on the access it needs',
  EPERM: 'the user that runs Envoyage may not open it: see docs/docker.md on the access it needs',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
};

export function faultOf(thrown: unknown): EngineFault {
  if (thrown instanceof EngineFault) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode === 'number') {
    // "(HTTP code 500) unexpected - server error "
    const said = error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
    return new EngineFault(`the engine answers HTTP ${statusCode}${said === '' ? '' : `: ${said.slice(0, 300)}`}`, { status: statusCode, cause: error });
  }
  const advice = typeof code === 'string' ? ADVICE[code] : undefined;
  return new EngineFault(`${plain(error)}${advice === undefined ? '' : ` (${advice})`}`, { cause: error });
}

/** Happy eyeballs have a fault for each address and no words of their own. */
function plain(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ');
  if (error.message !== '') return error.message.trim();
  const { errno } = error as { errno?: unknown };
  return (typeof errno === 'number' ? getSystemErrorMap().get(errno)?.[1] : undefined) ?? error.name;
}
