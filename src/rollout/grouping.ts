import { type GroupRule, matchingRule } from '../model/group-rule.ts';
import { DEFAULT_GROUP, type Move, type Placement } from '../model/placement.ts';
import type { NodeInfo } from '../xds/codec.ts';
import { groupFor } from '../xds/identity.ts';
import { readStruct, type Struct } from '../xds/node-metadata.ts';
import type { Client } from '../xds/server.ts';

export interface GroupingOptions {
  /** The first that matches counts. */
  readonly rules?: readonly GroupRule[] | undefined;
  /** Who was moved, as of now. */
  readonly moves?: { get(node: string): Move | undefined } | undefined;
}

const NONE: Struct = new Map();

/** Which node belongs to which group: where it was moved, else what the rules say, else its `node.cluster`, else `default`. */
export class Grouping {
  readonly #rules: readonly GroupRule[];
  readonly #moves: GroupingOptions['moves'];

  constructor({ rules = [], moves }: GroupingOptions = {}) {
    this.#rules = rules;
    this.#moves = moves;
  }

  /** Where a node belongs that nobody moved. @throws Error where its metadata is needed and cannot be read */
  own({ id, cluster, metadata }: NodeInfo): Placement {
    let read: Struct | undefined;
    const rule = matchingRule(this.#rules, {
      id,
      cluster,
      metadata: () => {
        read ??= metadata === undefined ? NONE : readStruct(metadata);
        return read;
      },
    });
    if (rule !== undefined) return { group: rule.group, from: 'rule', rule: rule.text };
    return cluster === '' ? { group: DEFAULT_GROUP, from: 'default' } : { group: cluster, from: 'cluster' };
  }

  /** Where it belongs all in all. */
  of(id: string, own: Placement): Placement {
    const move = this.#moves?.get(id);
    return move === undefined ? own : { group: move.group, from: 'move', at: move.at, by: move.by };
  }
}

/** Where nothing says where a node belongs, what it proved to be does. */
export function proven(identity: Client['identity'], own: Placement): Placement {
  if (own.from !== 'default') return own;
  const group = groupFor(identity, '', DEFAULT_GROUP);
  return group === DEFAULT_GROUP ? own : { group, from: 'identity' };
}
