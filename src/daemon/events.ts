import { EventHub } from '../api/events/hub.ts';
import type { FleetEvent } from '../api/types.ts';
import type { ProviderStatus } from '../model/provider-status.ts';
import type { Registry } from '../registry/registry.ts';
import type { RolloutOptions } from '../rollout/rollout.ts';
import { LiveWatch, type Watched } from './live-watch.ts';
import { ProviderWatch } from './provider-watch.ts';

export type OverrideNews = Omit<Extract<FleetEvent, { event: 'override' }>, 'event' | 'revision' | 'time'>;

export interface Events {
  readonly hub: EventHub;
  /** What the rollout tells of. */
  readonly rollout: Required<Pick<RolloutOptions, 'onNode' | 'onRejected' | 'onPublished'>>;
  /** What providers tell of themselves. */
  onProvider(status: ProviderStatus): void;
  /** What became of overrides. */
  onOverride(news: OverrideNews): void;
  /** Follows each publication until every Envoy has answered it. */
  watch(rollout: Watched): void;
  close(): void;
}

/** All that happens, brought together for those who listen. */
export function openEvents(registry: Registry): Events {
  const hub = new EventHub({ journal: registry, run: Date.now().toString(36), now: () => new Date() });
  const unlisten = registry.onCommit((revision) => hub.committed(revision));
  let live: LiveWatch | undefined;
  const providers = new ProviderWatch((news) => hub.publish(news));
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
    onProvider: (status) => providers.notice(status),
    onOverride: (news) => hub.publish({ event: 'override', ...news }),
    watch: (rollout) => {
      live = new LiveWatch(rollout, (news) => hub.publish(news));
    },
    close: () => {
      unlisten();
      live?.close();
      providers.close();
      hub.close();
    },
  };
}
