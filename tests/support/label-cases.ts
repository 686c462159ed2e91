import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { EngineState } from '../../src/providers/docker/container.ts';
import { LABEL_DEFAULTS, type LabelOptions } from '../../src/providers/docker/declare.ts';
import { engineOf, type ShortContainer, type ShortEngine } from './docker-containers.ts';

/** Containers in (in.yaml), what is declared and what is wrong out (out.yaml). */
export const LABELS_FOLDER = resolve(import.meta.dirname, '../golden/docker-labels');

export function labelCases(): string[] {
  return readdirSync(LABELS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

export interface LabelCase {
  readonly engines: readonly EngineState[];
  readonly options: LabelOptions;
  readonly now: Date;
}

interface Written {
  /** Of the local engine. */
  readonly containers?: readonly ShortContainer[];
  readonly engines?: readonly ShortEngine[];
  readonly options?: Partial<LabelOptions>;
}

/** Ten minutes after most containers came to be. */
export const NOW = new Date('2026-01-01T00:10:00Z');

export function labelCase(name: string): LabelCase {
  const { containers, engines = [], options = {} } = parse(readFileSync(join(LABELS_FOLDER, name, 'in.yaml'), 'utf8')) as Written;
  const all = containers === undefined ? engines : [{ containers }, ...engines];
  return { engines: all.map(engineOf), options: { ...LABEL_DEFAULTS, ...options }, now: NOW };
}
