import { Counter, type Registry } from 'prom-client';
import type { XdsGuardPort } from './ports.ts';

/** What the xDS server refused and limited, read when it is scraped. */
export function addGuardMetrics(registry: Registry, guard: XdsGuardPort): void {
  const registers = [registry];
  new Counter({
    name: 'envoyage_xds_limited_total',
    help: 'How often a limit of the xDS server acted, by limit.',
    labelNames: ['limit'],
    registers,
    collect() {
      this.reset();
      for (const [limit, count] of Object.entries(guard.limited)) this.inc({ limit }, count);
    },
  });
  new Counter({
    name: 'envoyage_xds_refused_total',
    help: 'Discovery streams and handshakes that were turned away.',
    registers,
    collect() {
      this.reset();
      this.inc(guard.refusedTotal);
    },
  });
}
