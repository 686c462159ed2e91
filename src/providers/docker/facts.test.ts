import { describe, expect, it } from 'vitest';
import { factsOf } from './facts.ts';

const ID = 'a1'.repeat(32);
const NEVER = '0001-01-01T00:00:00Z';

/** As Docker 20.10 tells of a running container with one published port. */
const docker = (more: object = {}, state: object = {}) => ({
  Id: ID,
  Name: '/shop-web-1',
  Created: '2026-01-02T03:04:05.678901234Z',
  State: { Status: 'running', Running: true, StartedAt: '2026-01-02T03:04:06.5Z', FinishedAt: NEVER, ...state },
  Config: {
    Labels: { 'envoyage.enable': 'true', 'com.docker.compose.project': 'shop', maintainer: 'somebody' },
    ExposedPorts: { '9000/udp': {}, '80/tcp': {} },
    StopSignal: 'SIGQUIT',
  },
  HostConfig: { NetworkMode: 'default', PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
  NetworkSettings: {
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '9000/udp': null },
    Networks: { bridge: { NetworkID: 'b2'.repeat(32), IPAddress: '172.17.0.2', GlobalIPv6Address: '' } },
  },
  ...more,
});

describe('factsOf', () => {
  it('reads what Docker tells', () => {
    expect(factsOf(docker())).toEqual({
      container: {
        id: ID,
        name: 'shop-web-1',
        createdAt: '2026-01-02T03:04:05.678901234Z',
        labels: { 'envoyage.enable': 'true', 'com.docker.compose.project': 'shop' },
        state: 'running',
        health: 'none',
        networkMode: 'bridge',
        networks: [{ name: 'bridge', ip: '172.17.0.2' }],
        exposed: [
          { port: 80, protocol: 'tcp' },
          { port: 9000, protocol: 'udp' },
        ],
        published: [{ port: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 }],
      },
      startedAt: Date.parse('2026-01-02T03:04:06.5Z'),
      stopSignal: 'SIGQUIT',
    });
  });

  it.each([
    ['2026-01-02T05:04:05.678901234+02:00', '2026-01-02T03:04:05.678Z'],
    ['yesterday', '1970-01-01T00:00:00.000Z'],
    [5, '1970-01-01T00:00:00.000Z'],
  ])('has when it was created in UTC: %s', (Created, createdAt) => {
    expect(factsOf(docker({ Created })).container.createdAt).toBe(createdAt);
  });

  it.each([
    [{ Status: 'paused' }, 'paused', 'none'],
    [{ Health: { Status: 'starting' } }, 'running', 'starting'],
    [{ Health: { Status: 'unhealthy' } }, 'running', 'unhealthy'],
    // Podman: other words, and a health without a check.
    [{ Status: 'configured' }, 'created', 'none'],
    [{ Status: 'stopping' }, 'running', 'none'],
    [{ Status: 'stopped' }, 'exited', 'none'],
    [{ Health: { Status: '', FailingStreak: 0 } }, 'running', 'none'],
    [{ Healthcheck: { Status: 'healthy' } }, 'running', 'healthy'],
    [{ Status: 'flying' }, 'created', 'none'],
  ])('reads the state %j as %s, %s', (state, expected, health) => {
    expect(factsOf(docker({}, state)).container).toMatchObject({ state: expected, health });
  });

  it('tells when a container ended, and not when it ended before it was started again', () => {
    const FinishedAt = '2026-01-02T04:00:00Z';
    expect(factsOf(docker({}, { FinishedAt })).container.exitedAt).toBeUndefined();
    for (const Status of ['exited', 'dead', 'removing', 'restarting'])
      expect(factsOf(docker({}, { Status, FinishedAt })).container.exitedAt).toBe('2026-01-02T04:00:00.000Z');
  });

  it('keeps the ports of a container that is stopped or whose engine leaves ExposedPorts out, and names the network that was given by id', () => {
    const { container } = factsOf(
      docker({
        Config: { Labels: null },
        HostConfig: { NetworkMode: 'b2'.repeat(32), PortBindings: { '80/tcp': [] } },
        NetworkSettings: { Ports: {}, Networks: { web: { NetworkID: 'b2'.repeat(32), IPAddress: '' }, none: {} } },
      }),
    );
    expect(container).toMatchObject({ networkMode: 'web', networks: [{ name: 'web' }], exposed: [{ port: 80, protocol: 'tcp' }], published: [], labels: {} });
  });

  it('bounds what a container may say, and takes no prototype from it', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`envoyage.l${i}`, 'x'.repeat(100)]));
    const labels = factsOf(docker({ Config: { Labels: many } })).container.labels;
    expect(Object.keys(labels).length).toBeGreaterThan(500);
    expect(JSON.stringify(labels).length).toBeLessThan(80_000);
    expect(factsOf(docker({ Config: JSON.parse('{"Labels":{"__proto__":{"a":1},"envoyage.x":5}}') as object })).container.labels).toEqual({});
  });

  it('refuses what is no container', () => {
    for (const answer of [undefined, 'x', [], { Id: '../version' }]) expect(() => factsOf(answer)).toThrow('without an id');
    expect(factsOf({ Id: ID }).container).toMatchObject({ state: 'created', name: ID.slice(0, 12), networks: [], exposed: [] });
  });
});
