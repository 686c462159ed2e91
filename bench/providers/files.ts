/**
 * How long it takes until 5,000 documents are published, and in force in the registry, and what one changed file of many costs:
 *   node_modules/.bin/node bench/providers/files.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf } from '../../src/model/kinds.ts';
import { Aggregator } from '../../src/providers/aggregator.ts';
import { FileProvider } from '../../src/providers/file/provider.ts';
import { SETTLE_MS } from '../../src/providers/file/settle.ts';
import type { DeclaredState } from '../../src/providers/provider.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';

const DOCUMENTS = 5000;
const RUNS = 5;

const host = (i: number, domain: string): string => `svc-${i}.${domain}`;
const service = (i: number, domain = 'example.com'): object => ({
  kind: 'Service',
  name: `svc-${i}`,
  host: host(i, domain),
  endpoints: [`10.0.${i >> 8}.${i & 255}:8080`, { address: `10.1.${i >> 8}.${i & 255}:8080`, weight: 2 }],
  labels: { team: 'web' },
});
const yaml = (i: number, domain = 'example.com'): string =>
  `kind: Service\nname: svc-${i}\nhost: ${host(i, domain)}\nendpoints:\n  - 10.0.${i >> 8}.${i & 255}:8080\n  - address: 10.1.${i >> 8}.${i & 255}:8080\n    weight: 2\nlabels: {team: web}\n`;

/** With the registry behind it, until all of it is stored. */
async function untilInForce(folder: string): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'envoyage-bench-data-'));
  const registry = openRegistry({ dataDir });
  const aggregator = new Aggregator({ objects: registry, providers: [new FileProvider({ paths: [folder], pollSeconds: 3600 })] });
  const start = performance.now();
  aggregator.start();
  await Promise.all(aggregator.sources().map(({ synced }) => synced));
  const took = performance.now() - start;
  if ([...registry.objects()].map(keyOf).length !== DOCUMENTS) throw new Error('not all documents are in force');
  await aggregator.stop();
  registry.close();
  rmSync(dataDir, { recursive: true });
  return took;
}

/** Milliseconds, of all threads. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function measure(name: string, write: (folder: string) => void, change: (folder: string) => void): Promise<void> {
  const loads: number[] = [];
  const loadCpu: number[] = [];
  const inForce: number[] = [];
  const changes: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const folder = mkdtempSync(join(tmpdir(), 'envoyage-bench-'));
    write(folder);
    let told: (state: DeclaredState) => void = () => undefined;
    const next = (): Promise<DeclaredState> =>
      new Promise((resolve) => {
        told = resolve;
      });
    // What lies there when a daemon starts has lain there for a while.
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const provider = new FileProvider({ paths: [folder], pollSeconds: 3600 });
    const start = performance.now();
    const busy = process.cpuUsage();
    const first = next();
    provider.start({ publish: (state) => told(state), report: () => undefined });
    if ((await first).objects.length !== DOCUMENTS) throw new Error('not all documents were published');
    loads.push(performance.now() - start);
    loadCpu.push(cpuSince(busy));
    // The watch is there, and the second look is over.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const changed = next();
    const before = process.cpuUsage();
    const at = performance.now();
    change(folder);
    await changed;
    changes.push(performance.now() - at);
    cpu.push(cpuSince(before));
    await provider.stop();
    inForce.push(await untilInForce(folder));
    rmSync(folder, { recursive: true });
  }
  const median = (all: number[]): string => `${Math.round(all.toSorted((a, b) => a - b)[RUNS >> 1] ?? 0)} ms`;
  console.log(
    `${name}: loaded in ${median(loads)} (CPU ${median(loadCpu)}), in force after ${median(inForce)}; a change published after ${median(changes)} (${SETTLE_MS} ms of it settling), CPU ${median(cpu)}`,
  );
}

await measure(
  `${DOCUMENTS} files of YAML`,
  (folder) => {
    for (let i = 0; i < DOCUMENTS; i++) writeFileSync(join(folder, `${i}.yaml`), yaml(i));
  },
  (folder) => writeFileSync(join(folder, '7.yaml'), yaml(7, 'example.org')),
);
const all = (write: (i: number, domain?: string) => unknown, changed: string): unknown[] =>
  Array.from({ length: DOCUMENTS }, (_, i) => write(i, i === 7 ? changed : 'example.com'));
await measure(
  `one file of ${DOCUMENTS} YAML documents`,
  (folder) => writeFileSync(join(folder, 'all.yaml'), all(yaml, 'example.com').join('---\n')),
  (folder) => writeFileSync(join(folder, 'all.yaml'), all(yaml, 'example.org').join('---\n')),
);
await measure(
  `one JSON list of ${DOCUMENTS}`,
  (folder) => writeFileSync(join(folder, 'all.json'), JSON.stringify(all(service, 'example.com'))),
  (folder) => writeFileSync(join(folder, 'all.json'), JSON.stringify(all(service, 'example.org'))),
);
