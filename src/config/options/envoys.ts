import { about } from '../about.ts';
import { groupRules, listeners, onDemandGroups } from '../fields.ts';

const topic = 'Envoys';

/** What Envoys listen on, and which group they are in. */
export const ENVOY_OPTIONS = {
  listener: listeners.register(about, {
    kind: 'listeners',
    topic,
    placeholder: '[GROUP=]HOST:PORT',
    description: 'what the Envoys of a group listen on; without GROUP= those of every group that is not named; repeatable',
    defaultText: '127.0.0.1:10000',
  }),
  'group-rule': groupRules.register(about, {
    kind: 'list',
    topic,
    placeholder: 'GROUP=CONDITION',
    description:
      'who belongs to a group: id:PATTERN, cluster:PATTERN or metadata:KEY=PATTERN, * for any text; repeatable, the first that matches counts, else node.cluster',
  }),
  'on-demand': onDemandGroups.register(about, {
    kind: 'list',
    topic,
    placeholder: 'GROUP',
    description: 'the Envoys of this group (* for every group) ask for a host when the first request for it comes; repeatable',
  }),
} as const;
