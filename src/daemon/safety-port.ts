import type { SafetyPort } from '../api/ports.ts';
import type { Logger } from '../lib/logger.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { DaemonSafety } from './safety.ts';

/** What was refused, waits or was taken back, as the API asks for it. */
export function safetyPort(rollout: Rollout, safety: DaemonSafety, logger: Logger): SafetyPort {
  return {
    report: () => ({ ...rollout.safety(), rollbacks: safety.rollbacks }),
    release: (key, group, author) => {
      const isReleased = rollout.release(key, group);
      if (isReleased) logger.info({ key, group, author }, 'an object that was refused is tried again');
      return isReleased;
    },
  };
}
