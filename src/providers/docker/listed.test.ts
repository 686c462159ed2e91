import { expect, it } from 'vitest';
import type { Container } from './container.ts';
import { difference } from './listed.ts';

const known: Container = {
  id: 'a1'.repeat(32),
  name: 'web',
  createdAt: '2026-01-02T03:04:05Z',
  labels: {},
  state: 'running',
  health: 'healthy',
  networkMode: 'web',
  networks: [{ name: 'web', ip: '10.0.0.2' }],
  exposed: [],
  published: [],
};
const entry = {
  Names: ['/web', '/other/web'],
  State: 'running',
  Status: 'Up 3 minutes (healthy)',
  NetworkSettings: { Networks: { web: { IPAddress: '10.0.0.2' } } },
};

it.each([
  ['nothing', entry, undefined],
  ['its state', { ...entry, State: 'exited', Status: 'Exited (0) 1 second ago' }, 'life'],
  ['its health', { ...entry, Status: 'Up 3 minutes (unhealthy)' }, 'detail'],
  ['its health, which is not known yet', { ...entry, Status: 'Up 1 second (health: starting)' }, 'detail'],
  ['its name', { ...entry, Names: ['/web2'] }, 'detail'],
  ['its address', { ...entry, NetworkSettings: { Networks: { web: { IPAddress: '10.0.0.3' } } } }, 'detail'],
  ['a network more', { ...entry, NetworkSettings: { Networks: { web: { IPAddress: '10.0.0.2' }, more: { IPAddress: '10.1.0.2' } } } }, 'detail'],
])('sees %s differ from the list', (_, listed, expected) => {
  expect(difference(known, listed)).toBe(expected);
});

it('misses a container that it does not know', () => {
  expect(difference(undefined, entry)).toBe('life');
});
