import { EventHub } from '../api/events/hub.ts';
import type { Registry } from '../registry/registry.ts';
import type { RolloutOptions } from '../rollout/rollout.ts';
import { LiveWatch, type Watched } from './live-watch.ts';

export interface Events {
  readonly hub: EventHub;
  /** What the rollout tells of. */
  readonly rollout: Required<Pick<RolloutOptions, 'onNode' | 'onRejected' | 'onPublished'>>;
  /** Follows each publication until every Envoy has answered it. */
  watch(rollout: Watched): void;
  close(): void;
}

/** All that happens, brought together for those who listen. */
export function openEvents(registry: Registry): Events {
  const hub = new EventHub({ journal: registry, run: Date.now().toString(36), now: () => new Date() });
  const unlisten = registry.onCommit((revision) => hub.committed(revision));
  let live: LiveWatch | undefined;
  return {
    hub,
    rollout: {
      onNode: ({ id, group, agent, address }, what) => hub.publish({ event: what, node: id, group, agent, address }),
      onRejected: ({ node, group, type, message }) => hub.publish({ event: 'rejected', node, group, type, message }),
      onPublished: (revision) => {
        hub.publish({ event: 'publication' });
        live?.published(revision);
      },
    },
    watch: (rollout) => {
      live = new LiveWatch(rollout, (news) => hub.publish(news));
    },
    close: () => {
      unlisten();
      live?.close();
      hub.close();
    },
  };
}
