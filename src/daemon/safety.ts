import type { News } from '../api/events/hub.ts';
import { plan } from '../api/objects/plan.ts';
import type { AutomaticRollback, ParkedObject } from '../api/types.ts';
import type { Options } from '../config/options.ts';
import { EnvoyageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Stored, Wish } from '../model/kinds.ts';
import type { Quarantined } from '../model/quarantined.ts';
import { parseCanary, parsePushLimit, ruleFor } from '../model/rollout-rule.ts';
import type { Registry } from '../registry/registry.ts';
import type { Refused, Safety } from '../rollout/channel-options.ts';
import type { SafetyOptions } from '../rollout/fleet-options.ts';

/** As many are remembered. */
const MOST_ROLLBACKS = 20;
/** History is read in parts. */
const PAGE = 50;

/** How changes go out, put together of options, history and log. */
export class DaemonSafety {
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #safety: (group: string) => Safety;
  readonly #tell: (news: News) => void;
  /** The latest first. */
  readonly rollbacks: AutomaticRollback[] = [];
  /** What was made by a rollback is not rolled back. */
  readonly #own = new Set<number>();

  /** @param tell of what is done, for those who listen to events */
  constructor(options: Options, registry: Registry, logger: Logger, tell: (news: News) => void) {
    this.#registry = registry;
    this.#logger = logger;
    this.#tell = tell;
    const canaries = options.canary.map(parseCanary);
    const limits = options.pushLimit.map(parsePushLimit);
    this.#safety = (group) => ({
      canary: ruleFor(canaries, group)?.size,
      canaryTimeout: options.canaryTimeout * 1000,
      pushLimit: ruleFor(limits, group)?.most,
      rollbackShare: options.rollbackShare,
    });
  }

  get options(): SafetyOptions {
    const logger = this.#logger;
    return {
      of: this.#safety,
      quarantines: this.#registry.quarantines,
      asOf: (key, revision) => this.#registry.objectAt(key, revision),
      changedSince: (time) => this.#changedSince(time),
      events: {
        quarantined: ({ view: _, ...entry }) => {
          logger.warn({ ...entry, origin: this.#registry.object(entry.key)?.origin }, 'an object was refused and is parked until it changes');
          const { good, type, node, message } = entry;
          this.#tell({ event: 'quarantined', ...this.#about(entry), good, type, node, message });
        },
        ended: (entry, why) => this.#tell({ event: 'released', ...this.#about(entry), why }),
        canary: (group, step) => this.#tell({ event: 'canary', group, ...step }),
        stalled: (group, nodes) => logger.warn({ group, nodes }, 'canaries did not answer in time, the others go on without them'),
        unwanted: (refused) => this.#rollBack(refused),
      },
      onFault: (thrown) => logger.error({ err: thrown }, 'a quarantine could not be stored, and ends with the daemon'),
    };
  }

  #about({ key, group, revision }: Omit<Quarantined, 'view'>): ParkedObject {
    const origin = this.#registry.object(key)?.origin;
    return { key, group, of: revision, ...(origin === undefined ? {} : { origin }) };
  }

  /** What was changed lately, as it was before. */
  #changedSince(time: string): ReadonlyMap<string, Stored | undefined> {
    const found = new Map<string, Stored | undefined>();
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const page = this.#registry.revisions({ limit: PAGE, before });
      for (const { number, time: at, changes } of page) {
        if (at < time) return found;
        for (const { id } of changes) found.set(id, this.#registry.objectAt(id, number - 1));
      }
      const last = page.at(-1);
      if (last === undefined) return found;
      before = last.number;
    }
  }

  /** Undoes a revision, where nothing has changed since what it changed. */
  #rollBack({ revision, group, refused, nodes, message }: Refused): void {
    if (this.#own.has(revision)) return;
    // What a provider declares it would declare again; what was refused of it is parked.
    if (this.#registry.revisionAt(revision)?.provider !== undefined) return;
    const about = { revision, group, refused, nodes, message, at: new Date().toISOString() };
    try {
      const by = this.#undo(revision);
      this.#own.add(by);
      this.#note({ ...about, by });
      this.#logger.warn({ ...about, by }, 'a revision was rolled back, since too many refused it');
    } catch (thrown) {
      const fault = EnvoyageError.from(thrown).message;
      this.#note({ ...about, by: null, fault });
      this.#logger.error({ ...about, err: thrown }, 'a revision that too many refused could not be rolled back');
    }
  }

  /** @throws EnvoyageError */
  #undo(number: number): number {
    const changes = this.#registry.revisionAt(number)?.changes ?? [];
    const back: { readonly wish: Wish }[] = [];
    const gone: string[] = [];
    for (const { id, before, after } of changes) {
      const now = this.#registry.object(id);
      // What has changed since is somebody's wish, who may have known.
      if ((now === undefined) !== (after === null) || (now !== undefined && now.revision !== number)) continue;
      if (before === null) gone.push(id);
      else back.push({ wish: before });
    }
    if (back.length + gone.length === 0) throw new EnvoyageError('precondition-failed', `all that revision ${number} changed has changed again since`);
    return this.#registry.commit(plan(this.#registry, back, gone).edits, `envoyage (automatic rollback of ${number})`).revision;
  }

  #note(rollback: AutomaticRollback): void {
    this.rollbacks.unshift(rollback);
    this.rollbacks.length = Math.min(this.rollbacks.length, MOST_ROLLBACKS);
    const { revision: of, at: _, ...rest } = rollback;
    this.#tell({ event: 'rolled-back', of, ...rest });
  }
}
