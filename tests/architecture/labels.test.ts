import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintCompose } from '../../src/providers/docker/compose/lint.ts';
import { CONTAINER_WORDS } from '../../src/providers/docker/container-words.ts';
import { LABEL_DEFAULTS } from '../../src/providers/docker/declare.ts';
import { LATER_WORDS, SERVICE_FAMILIES, SERVICE_WORDS } from '../../src/providers/docker/service-vocabulary.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/docker.md'), 'utf8');

describe('docs/docker.md', () => {
  it('has every label', () => {
    const families = Object.keys(SERVICE_FAMILIES).map((family) => `${family}.<`);
    const words = [...Object.keys(CONTAINER_WORDS), ...Object.keys(SERVICE_WORDS), ...Object.keys(LATER_WORDS)].map((word) => `\`${word}`);
    expect([...words, ...families].filter((word) => !text.includes(word))).toEqual([]);
  });

  it('has every name of a problem', () => {
    const source = readFileSync(resolve(import.meta.dirname, '../../src/providers/docker/label-fault.ts'), 'utf8');
    const codes = [...(/export type LabelCode =([^;]*);/.exec(source)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(8);
    const table = text.slice(text.indexOf('## Problems by name'));
    expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
  });

  it('has examples that hold', () => {
    const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    const files = blocks.map((block) => {
      if (block.startsWith('services:')) return block;
      const labels = block.startsWith('labels:') ? block : `labels:\n  envoyage.enable: true\n${block.replaceAll(/^/gm, '  ')}`;
      return `services:\n  web:\n${labels.replaceAll(/^/gm, '    ')}`;
    });
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const { problems, services } = lintCompose([{ file: 'docker.md', text: file, folder: 'shop', environment: {} }], LABEL_DEFAULTS);
      expect(problems).toEqual([]);
      expect(services).not.toEqual([]);
    }
  });
});
