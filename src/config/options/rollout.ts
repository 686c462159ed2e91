import { about } from '../about.ts';
import { canaryRules, flag, pushLimits, share, wholeNumber } from '../fields.ts';

const topic = 'Rollout';

/** How changes go to Envoys, and what becomes of those that are refused. */
export const ROLLOUT_OPTIONS = {
  canary: canaryRules.register(about, {
    kind: 'list',
    topic,
    placeholder: '[GROUP=]N',
    description: 'as many Envoys of a group, or N% of them, get a change first, the others once these have taken it; 0 for none; repeatable',
  }),
  'canary-timeout': wholeNumber(1, 3600, 'seconds').default(30).register(about, {
    kind: 'integer',
    topic,
    placeholder: 'SECONDS',
    description: 'as long do the others wait for canaries that do not answer',
  }),
  'push-limit': pushLimits.register(about, {
    kind: 'list',
    topic,
    placeholder: '[GROUP=]N',
    description: 'at most as many publications a second to a group, what comes meanwhile goes out together; 0 for no limit; repeatable',
  }),
  'rollback-share': share.optional().register(about, {
    kind: 'number',
    topic,
    placeholder: 'RATIO',
    description: 'a revision that more than this part of the Envoys of a group refuse is rolled back, from 0 to 1; left out, never',
  }),
  'check-with-envoy': flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'every write is held against a real Envoy of this machine first, and refused where that refuses it',
  }),
} as const;
