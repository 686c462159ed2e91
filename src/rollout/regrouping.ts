import { CLUSTER, LISTENER, ROUTES, shortName } from '../xds/types.ts';
import type { Fleet } from './fleet.ts';
import type { NodeRecord } from './node.ts';
import { typeBit } from './observed.ts';
import type { Progress } from './progress.ts';

interface Regrouping {
  /** When it was asked for, monotonic milliseconds; and when the node had everything. */
  readonly startedAt: number;
  doneAt: number | undefined;
  /** The types that the node has to ask for again. */
  readonly types: number;
}

interface Waiter {
  readonly id: string;
  readonly finish: () => void;
}

/** As many are remembered. */
const MOST = 1000;

/** Those that an Envoy restates whenever it comes back; endpoints it may have no use for any more. */
const RESTATED = [CLUSTER, LISTENER, ROUTES].reduce((bits, type) => bits | typeBit(type), 0);

/** Nodes on their way from one group to another: how far each has come, and who waits for it. */
export class Regroupings {
  readonly #fleet: Fleet;
  readonly #known = new Map<string, Regrouping>();
  readonly #waiters = new Set<Waiter>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** To be called before the streams of the node are ended. */
  begin(id: string): void {
    let types = 0;
    for (const { askedTypes } of this.#fleet.nodes.get(id)?.streams ?? []) types |= askedTypes;
    // One that was on its way already still has to ask for all that it had to before.
    const before = this.#known.get(id);
    if (before !== undefined && before.doneAt === undefined) types |= before.types;
    this.#known.delete(id);
    this.#known.set(id, { startedAt: performance.now(), doneAt: undefined, types: types & RESTATED });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Something happened to the node. */
  look(node: NodeRecord): void {
    const known = this.#known.get(node.id);
    if (known === undefined || known.doneAt !== undefined || !arrived(node, known.types)) return;
    known.doneAt = performance.now();
    for (const waiter of this.#waiters) if (waiter.id === node.id) waiter.finish();
  }

  /** Resolves when the node has arrived, at the latest after `timeout` milliseconds or when `signal` fires. */
  wait(id: string, timeout: number, signal?: AbortSignal): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined || known.doneAt !== undefined || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const waiter: Waiter = { id, finish };
      const timer = setTimeout(finish, timeout);
      signal?.addEventListener('abort', finish);
      this.#waiters.add(waiter);
    });
  }

  progress(id: string): Progress {
    const node = this.#fleet.nodes.get(id);
    const known = this.#known.get(id);
    const { revision } = this.#fleet;
    const none = { revision, nodes: 1, acked: 0, pending: [], rejected: [], elapsedMs: elapsed(known) };
    const isUnderWay = known !== undefined && known.doneAt === undefined;
    if (node?.connected !== true && !isUnderWay) return { ...none, state: 'no-envoys', nodes: 0, elapsedMs: 0 };
    if (node?.connected !== true || (isUnderWay && !arrived(node, known.types))) return { ...none, state: 'pending', pending: [id] };
    const rejected = node.rejections().map(({ answer, error }) => ({ node: id, type: shortName(answer.type), message: error.message }));
    return rejected.length > 0 ? { ...none, state: 'rejected', rejected } : { ...none, state: 'live', acked: 1 };
  }

  close(): void {
    for (const { finish } of this.#waiters) finish();
  }
}

/** Its streams are those of its group, it has asked for all that it had asked for before, and has answered, be it by refusing. */
function arrived({ connected, group, streams }: NodeRecord, types: number): boolean {
  let asked = 0;
  for (const stream of streams) {
    if (stream.publications.view.group !== group || !stream.inSync) return false;
    asked |= stream.askedTypes;
  }
  return connected && (asked & types) === types;
}

function elapsed(known: Regrouping | undefined): number {
  if (known === undefined) return 0;
  return Math.max(0, Math.round(((known.doneAt ?? performance.now()) - known.startedAt) * 10) / 10);
}
