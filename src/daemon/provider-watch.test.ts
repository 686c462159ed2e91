import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ProviderStatus } from '../model/provider-status.ts';
import { type ProviderNews, ProviderWatch } from './provider-watch.ts';

let told: ProviderNews[];
let watch: ProviderWatch;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  watch = new ProviderWatch((news) => told.push(news));
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

function status(name: string, state: ProviderStatus['state'], problemCount = 0): ProviderStatus {
  const problems = Array.from({ length: problemCount }, (_, i) => ({ code: 'host-taken', message: `problem ${i}` }));
  return { name, source: '', state, since: '', objects: {}, problems, problemCount, counts: { published: 0, changed: 0, failed: 0 } };
}

const seen = () => told.map(({ name, state, problemCount }) => `${name} ${state} ${problemCount}`);

it('tells at once how a provider stands, and then only what is new', () => {
  watch.notice(status('docker', 'starting'));
  watch.notice(status('docker', 'ok'));
  watch.notice(status('files', 'degraded', 3));
  vi.advanceTimersByTime(10_000);
  watch.notice(status('docker', 'ok'));
  watch.notice(status('docker', 'down'));
  expect(seen()).toEqual(['docker ok 0', 'files degraded 3', 'docker down 0']);
  expect(told[1]).toEqual({ event: 'provider', name: 'files', state: 'degraded', problems: [{ code: 'host-taken', message: 'problem 0' }], problemCount: 3 });
});

it('tells of one that changes all the time once a second, and how it is in the end', () => {
  for (let i = 0; i < 35; i++) {
    watch.notice(status('docker', i % 2 === 0 ? 'down' : 'ok'));
    watch.notice(status('docker', 'degraded', i));
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(5000);
  expect(seen()).toEqual(['docker down 0', 'docker degraded 9', 'docker degraded 19', 'docker degraded 29', 'docker degraded 34']);
});

it('tells nothing where it has come back to what was told', () => {
  watch.notice(status('docker', 'ok'));
  watch.notice(status('docker', 'down'));
  watch.notice(status('docker', 'ok'));
  vi.advanceTimersByTime(5000);
  expect(seen()).toEqual(['docker ok 0']);
});

it('tells nothing once it is closed', () => {
  watch.notice(status('docker', 'ok'));
  watch.notice(status('docker', 'down'));
  watch.close();
  vi.advanceTimersByTime(5000);
  expect(seen()).toEqual(['docker ok 0']);
});
