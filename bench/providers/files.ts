/**
 * How long the file provider takes until 5,000 documents are published, and what one changed file of many costs:
 *   node_modules/.bin/node bench/providers/files.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileProvider } from '../../src/providers/file/provider.ts';
import { SETTLE_MS } from '../../src/providers/file/settle.ts';
import type { DeclaredState } from '../../src/providers/provider.ts';

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

async function measure(name: string, write: (folder: string) => void, change: (folder: string) => void): Promise<void> {
  const loads: number[] = [];
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
    const first = next();
    provider.start({ publish: (state) => told(state), report: () => undefined });
    if ((await first).objects.length !== DOCUMENTS) throw new Error('not all documents were published');
    loads.push(performance.now() - start);
    // The watch is there, and the second look is over.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const changed = next();
    const before = process.cpuUsage();
    const at = performance.now();
    change(folder);
    await changed;
    changes.push(performance.now() - at);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
    await provider.stop();
    rmSync(folder, { recursive: true });
  }
  const median = (all: number[]): string => `${Math.round(all.toSorted((a, b) => a - b)[RUNS >> 1] ?? 0)} ms`;
  console.log(`${name}: loaded in ${median(loads)}; a change published after ${median(changes)} (${SETTLE_MS} ms of it settling), CPU ${median(cpu)}`);
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
