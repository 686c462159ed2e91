import type { Declared } from '../../model/declared.ts';
import type { Wish } from '../../model/kinds.ts';
import type { Change } from '../../model/revision.ts';
import { readDeclarations } from '../declarations.ts';
import type { DeclaredObjects } from '../declared-state.ts';
import { precedence } from '../precedence.ts';
import type { Declaration, Problem } from '../provider.ts';
import { reconcile } from '../reconcile.ts';

export interface DryRunOptions {
  readonly provider: string;
  readonly objects: readonly Declaration[];
  readonly registry: DeclaredObjects;
  /** As `declare`, without changing anything. */
  plan(...edits: Parameters<DeclaredObjects['declare']>): Declared;
  readonly priority: readonly string[];
  check(wish: Wish): void;
}

/** What would become of objects if they were pushed now. What another provider declares and does not have is not known. */
export function dryRun({ provider, objects, registry, plan, priority, check }: DryRunOptions): { changes: readonly Change[]; problems: readonly Problem[] } {
  const changes = new Map<string, Change>();
  const planned: DeclaredObjects = {
    object: (key) => registry.object(key),
    declared: (name) => registry.declared(name),
    providers: () => registry.providers(),
    overrides: registry.overrides,
    pauses: registry.pauses,
    onCommit: (listener) => registry.onCommit(listener),
    declare: (name, edits) => {
      const declared = plan(name, edits);
      for (const change of declared.changes) changes.set(change.id, change);
      return declared;
    },
  };
  const before = (key: string): string | undefined => {
    const other = registry.object(key)?.provider;
    return other === undefined || other === provider || precedence(priority, other, provider) > 0 ? undefined : other;
  };
  const read = readDeclarations({ objects }, new WeakMap(), check);
  const { problems } = reconcile({ provider, read, objects: planned, taken: new Map(), before, isWanted: () => false });
  return { changes: [...changes.values()], problems };
}
