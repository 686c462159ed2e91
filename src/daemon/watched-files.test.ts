import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '../../tests/support/wait.ts';
import { type Contents, watchFiles } from './watched-files.ts';

let folder: string;
let told: Contents[];
let end: () => void;
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envoyage-watched-'));
  writeFileSync(path('a'), '1');
  writeFileSync(path('b'), '1');
  told = [];
  end = watchFiles([path('a'), path('b')], ['1', '1'], (contents) => told.push(contents));
});
afterEach(() => {
  end();
  rmSync(folder, { recursive: true });
});

const next = (...contents: (string | undefined)[]) => waitFor(String(contents), () => told.some((each) => each.every((text, i) => text === contents[i])));

it('tells of what is written, replaced, linked and taken away, and of nothing else', async () => {
  writeFileSync(path('a'), '2');
  await next('2', '1');
  writeFileSync(path('new'), '3');
  renameSync(path('new'), path('b'));
  await next('2', '3');
  writeFileSync(path('target'), '4');
  symlinkSync(path('target'), path('link'));
  renameSync(path('link'), path('b'));
  await next('2', '4');
  writeFileSync(path('target'), '5');
  await next('2', '5');
  rmSync(path('a'));
  await next(undefined, '5');
  // The same content again is no news.
  writeFileSync(path('target'), '5');
  writeFileSync(path('a'), '6');
  await next('6', '5');
  expect(told).toHaveLength(6);
});

it('tells of what changed before the first look', async () => {
  const late = watchFiles([path('a')], ['0'], (contents) => told.push(contents));
  await next('1');
  late();
});
