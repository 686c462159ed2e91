import { expect, it } from 'vitest';
import type { Registry } from './registry.ts';
import { openRegistry } from './sqlite.ts';
import { tempDir } from './testkit.ts';

const AT = '2026-01-01T00:00:00.000Z';

/** Twice: as it is, and as the next process finds it. */
function twice(fill: (registry: Registry) => void, look: (registry: Registry) => void): void {
  using dir = tempDir();
  for (const step of [fill, () => undefined]) {
    const registry = openRegistry({ dataDir: dir.path, now: () => new Date(AT) });
    step(registry);
    look(registry);
    registry.close();
  }
}

it('keeps what was pushed, by kind and name, the last word of each', () => {
  twice(
    ({ deposits }) => {
      const about = { ttl: 60, by: 'ann', at: AT };
      deposits.put({ kind: 'push', name: 'ci', body: '[1]', ...about });
      deposits.put({ kind: 'push', name: 'ci', body: '[2]', ...about, ttl: undefined });
      deposits.put({ kind: 'agent', name: 'ci', body: '{}', ...about });
      deposits.put({ kind: 'push', name: 'gone', body: '[]', ...about });
      deposits.delete('push', 'gone');
    },
    ({ deposits }) => {
      expect(deposits.list('push')).toEqual([{ kind: 'push', name: 'ci', body: '[2]', ttl: undefined, by: 'ann', at: AT }]);
      expect(deposits.list('agent')).toMatchObject([{ name: 'ci', ttl: 60 }]);
    },
  );
});

it('keeps overrides, by service and endpoint', () => {
  twice(
    ({ overrides }) => {
      overrides.put({ service: 'web', weight: 5, by: 'ann', at: AT });
      overrides.put({ service: 'web', endpoint: '10.0.0.1:80', state: 'draining', by: 'ann', reason: 'disk', at: AT, until: AT });
      overrides.put({ service: 'web', endpoint: '10.0.0.1:80', state: 'disabled', by: 'bob', at: AT });
      overrides.put({ service: 'api', endpoint: '10.0.0.2:80', weight: 1, by: 'ann', at: AT });
      expect(overrides.delete('api', '10.0.0.2:80')).toBe(true);
      expect(overrides.delete('api', '10.0.0.2:80')).toBe(false);
    },
    ({ overrides }) => {
      expect(overrides.list()).toEqual([
        { service: 'web', weight: 5, by: 'ann', at: AT },
        { service: 'web', endpoint: '10.0.0.1:80', state: 'disabled', by: 'bob', at: AT },
      ]);
      expect(overrides.of('web')).toHaveLength(2);
      expect(overrides.of('api')).toEqual([]);
    },
  );
});

it('keeps who paused which provider', () => {
  twice(
    ({ pauses }) => {
      pauses.put('docker', 'ann');
      pauses.put('docker', 'bob');
      pauses.put('file', 'ann');
      pauses.delete('file');
    },
    ({ pauses }) => {
      expect(pauses.list()).toEqual([{ provider: 'docker', by: 'ann', at: AT }]);
      expect(pauses.get('file')).toBeUndefined();
    },
  );
});
