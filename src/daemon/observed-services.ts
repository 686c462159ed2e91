import type { ServicesPort } from '../api/ports.ts';
import type { Histogram } from '../lib/histogram.ts';
import { type Tracer, traced } from '../lib/tracer.ts';

/** The registry as the API uses it, with each commit timed and traced. What follows from a commit is a part of its trace. */
export function observedServices(services: ServicesPort, commit: ServicesPort['commit'], tracer: Tracer, seconds: Histogram): ServicesPort {
  return {
    get revision() {
      return services.revision;
    },
    get size() {
      return services.size;
    },
    get reach() {
      return services.reach;
    },
    get: (id) => services.get(id),
    list: () => services.list(),
    object: (key) => services.object(key),
    objects: (kind) => services.objects(kind),
    revisions: (options) => services.revisions(options),
    revisionAt: (number) => services.revisionAt(number),
    commit: (edits, author, options) =>
      traced(tracer, 'commit', (span) => {
        const started = performance.now();
        const committed = commit(edits, author, options);
        if (committed.changed && options?.dryRun !== true) seconds.observe((performance.now() - started) / 1000);
        span?.set({ 'envoyage.revision': committed.revision, 'envoyage.changed': committed.changed, 'envoyage.edits': edits.length });
        return committed;
      }),
  };
}
