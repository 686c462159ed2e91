import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPrivateEngine } from '../support/docker.ts';
import { IMAGE, type PlainEngine, startPodman } from '../support/plain-engine.ts';
import { waitFor } from '../support/wait.ts';
import { WatchedEngine } from '../support/watched-engine.ts';

const lacks = (): string | undefined => {
  try {
    execFileSync('podman', ['--version'], { stdio: 'ignore' });
    return noPrivateEngine();
  } catch {
    return 'there is no podman: tests/docker/install, on Debian';
  }
};
// On CI it must be there: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : lacks();
if (reason !== undefined) console.warn(`podman is not watched: ${reason}`);

describe.skipIf(reason !== undefined)('podman, by its Docker socket', () => {
  let engine: PlainEngine;
  let watched: WatchedEngine;

  beforeAll(async () => {
    engine = await startPodman();
    watched = new WatchedEngine(`unix://${engine.socket}`).start();
    await watched.isOk();
  });

  afterAll(async () => {
    await watched?.watcher.stop();
    await engine?.close();
  });

  it('is told of like an engine: labels, addresses, ports, pauses and the end', async () => {
    const labels = ['--label', 'envoyage.enable=true', '--label', 'envoyage.host=web.example.com'];
    await engine.docker('run', '-d', '--name', 'web', ...labels, '--expose', '80', '-p', '127.0.0.1:8080:80', IMAGE, 'sleep', '1000');
    const web = await watched.see('web', 'running', ({ state }) => state === 'running');
    expect(web).toMatchObject({
      labels: { 'envoyage.enable': 'true', 'envoyage.host': 'web.example.com' },
      health: 'none',
      networks: [{ name: expect.any(String), ip: expect.stringMatching(/^10\./) }],
      exposed: [{ port: 80, protocol: 'tcp' }],
      published: [{ port: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8080 }],
    });
    await engine.docker('pause', 'web');
    await watched.see('web', 'paused', ({ state }) => state === 'paused');
    await engine.docker('unpause', 'web');
    await watched.see('web', 'running on', ({ state }) => state === 'running');
    await engine.docker('stop', '-t', '1', 'web');
    await watched.see('web', 'exited', ({ state, exitedAt }) => state === 'exited' && exitedAt !== undefined);
    await engine.docker('rm', '-f', 'web');
    await watched.see('web', 'gone', ({ state }) => state === 'dead');
  });

  it('knows a container that is unhealthy', async () => {
    const health = ['--health-cmd', 'test -e /tmp/well', '--health-interval', '1s', '--health-retries', '1'];
    await engine.docker('run', '-d', '--name', 'ill', '--label', 'envoyage.enable=true', ...health, IMAGE, 'sleep', '1000');
    // A timer of systemd's does this where there is one.
    const checks = (): Promise<unknown> => engine.inside('podman', ['--url', `unix://${engine.socket}`, '--remote', 'healthcheck', 'run', 'ill']);
    await waitFor('it to be unhealthy', async () => {
      await checks();
      return watched.named('ill')?.health === 'unhealthy';
    });
    await engine.docker('exec', 'ill', 'touch', '/tmp/well');
    await waitFor('it to be healthy', async () => {
      await checks();
      return watched.named('ill')?.health === 'healthy';
    });
    await engine.docker('rm', '-f', 'ill');
  });
});
