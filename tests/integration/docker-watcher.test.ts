import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WatcherOptions } from '../../src/providers/docker/watcher.ts';
import { noPrivateEngine } from '../support/docker.ts';
import { IMAGE, type PlainEngine, startPlainEngine } from '../support/plain-engine.ts';
import { SocketProxy } from '../support/socket-proxy.ts';
import { TlsDoor } from '../support/tls-door.ts';
import { waitFor } from '../support/wait.ts';
import { WatchedEngine } from '../support/watched-engine.ts';

// On CI there must be an engine: there, the suite runs and says what is missing.
const reason = process.env.CI ? undefined : noPrivateEngine();
if (reason !== undefined) console.warn(`no Docker engine is watched: ${reason}`);

/** Goes on through SIGTERM; ends at SIGKILL. */
const STUBBORN = ['sh', '-c', 'trap "" TERM HUP; while :; do sleep 1; done'];
/** Ends at once when it is asked to, by whatever signal. */
const POLITE = ['sh', '-c', 'trap "exit 0" TERM INT QUIT USR1; trap "" HUP; sleep 3600 & wait; wait'];

describe.skipIf(reason !== undefined)('DockerWatcher', () => {
  let engine: PlainEngine;
  let proxy: SocketProxy;
  const open: WatchedEngine[] = [];

  const docker = (...args: string[]): Promise<string> => engine.docker(...args);
  const runs = (name: string, args: readonly string[] = [], command: readonly string[] = POLITE): Promise<string> =>
    docker('run', '-d', '--name', name, '--label', 'envoyage.enable=true', ...args, IMAGE, ...command);
  const watch = (socket = engine.socket, options: Partial<WatcherOptions> = {}): WatchedEngine => {
    // What a comparison with the list would find, too, is not what is to be seen here.
    const watched = new WatchedEngine(`unix://${socket}`, { reconcile: 3_600_000, ...options }).start();
    open.push(watched);
    return watched;
  };

  beforeAll(async () => {
    engine = await startPlainEngine();
    proxy = await new SocketProxy(engine.socket).open();
  });

  afterEach(async () => {
    proxy.mode = 'pass';
    await Promise.all(open.splice(0).map(({ watcher }) => watcher.stop()));
    const ids = (await docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await docker('rm', '-f', ...ids);
  });

  afterAll(async () => {
    await proxy?.close();
    await engine?.close();
  });

  it('tells of all that is there at once, and of nothing that says nothing to us', async () => {
    await runs('web', ['--expose', '80', '-p', '127.0.0.1:8080:80', '--label', 'com.docker.compose.project=shop', '--label', 'other=secret']);
    await docker('run', '-d', '--name', 'foreign', IMAGE, ...POLITE);
    await docker('create', '--name', 'later', '--label', 'envoyage.enable=false', IMAGE, 'true');
    await runs('over', [], ['true']);
    const watched = watch();
    await watched.isOk();
    const [first] = watched.states;
    expect(first?.containers.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['later created', 'over exited', 'web running']);
    const web = watched.named('web');
    expect(web).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: { 'envoyage.enable': 'true', 'com.docker.compose.project': 'shop' },
      health: 'none',
      networkMode: 'bridge',
      networks: [{ name: 'bridge', ip: expect.stringMatching(/^198\.1[89]\./) }],
      exposed: [{ port: 80, protocol: 'tcp' }],
      published: [{ port: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8080 }],
    });
    expect(web?.labels).not.toHaveProperty('other');
    expect(web).not.toHaveProperty('exitedAt');
    expect(Date.parse(watched.named('over')?.exitedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
  });

  it('tells of a container from its start to its end, and after it', async () => {
    const watched = watch();
    await watched.isOk();
    await runs('web');
    await watched.see('web', 'running', ({ state }) => state === 'running');
    await docker('stop', '-t', '10', 'web');
    expect(await watched.see('web', 'exited', ({ state }) => state === 'exited')).not.toHaveProperty('stoppingSince');
    await docker('start', 'web');
    expect(await watched.see('web', 'running again', ({ state }) => state === 'running')).not.toHaveProperty('exitedAt');
    await docker('rename', 'web', 'shop');
    await watched.see('shop', 'there', ({ state }) => state === 'running');
    await docker('pause', 'shop');
    await watched.see('shop', 'paused', ({ state }) => state === 'paused');
    await docker('unpause', 'shop');
    await watched.see('shop', 'running on', ({ state }) => state === 'running');
    await docker('rm', '-f', 'shop');
    const gone = await watched.see('shop', 'gone', ({ state }) => state === 'dead');
    expect(Date.parse(gone.exitedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
  });

  it('knows who was told to stop while it is still there, and takes no other signal for that', async () => {
    await runs('stubborn', [], STUBBORN);
    await runs('special', ['--stop-signal', 'SIGUSR2'], ['sh', '-c', 'trap "" USR2; sleep 3600 & wait; wait']);
    const watched = watch();
    await watched.isOk();
    const since = Date.now();
    for (const name of ['stubborn', 'special']) await docker('kill', '--signal', 'HUP', 'stubborn').then(() => docker('kill', '--signal', 'WINCH', name));
    await docker('rename', 'special', 'special2');
    await watched.see('special2', 'renamed', () => true);
    expect(watched.containers.map(({ stoppingSince }) => stoppingSince)).toEqual([undefined, undefined]);
    await docker('kill', '--signal', 'TERM', 'stubborn');
    await docker('kill', '--signal', 'USR2', 'special2');
    for (const name of ['stubborn', 'special2']) {
      const told = await watched.see(name, 'stopping', ({ stoppingSince }) => stoppingSince !== undefined);
      expect(told.state).toBe('running');
      expect(Date.parse(told.stoppingSince ?? '')).toBeGreaterThanOrEqual(since);
    }
    // It takes the signal and goes on: what is asked about it later does not make that forgotten.
    await docker('rename', 'stubborn', 'still');
    expect((await watched.see('still', 'renamed', () => true)).stoppingSince).toBeDefined();
    await docker('restart', '-t', '0', 'still');
    await watched.see('still', 'running anew', ({ state, stoppingSince }) => state === 'running' && stoppingSince === undefined);
  });

  it('follows health checks', async () => {
    const watched = watch();
    const check = ['--health-cmd', 'test -e /well', '--health-interval', '200ms', '--health-retries', '1', '--health-start-period', '60s'];
    await runs('web', check);
    await watched.see('web', 'starting', ({ state, health }) => state === 'running' && health === 'starting');
    await docker('exec', 'web', 'touch', '/well');
    await watched.see('web', 'healthy', ({ health }) => health === 'healthy');
    await docker('exec', 'web', 'rm', '/well');
    await watched.see('web', 'unhealthy', ({ health }) => health === 'unhealthy');
  });

  it('follows networks, and looks at who lends one though that says nothing to us', async () => {
    await docker('network', 'create', 'one');
    await docker('network', 'create', 'two');
    const watched = watch();
    await watched.isOk();
    await runs('web', ['--network', 'one']);
    await watched.see('web', 'on one network', ({ networks }) => networks.length === 1 && networks[0]?.ip !== undefined);
    await docker('network', 'connect', 'two', 'web');
    const both = await watched.see('web', 'on two', ({ networks }) => networks.length === 2);
    expect(both.networks.map(({ name }) => name).sort()).toEqual(['one', 'two']);
    expect(both.networkMode).toBe('one');
    await docker('network', 'disconnect', 'one', 'web');
    expect(await watched.see('web', 'on the other', ({ networks }) => networks.length === 1)).toMatchObject({ networks: [{ name: 'two' }] });
    const lender = await docker('run', '-d', '--name', 'vpn', '--network', 'one', IMAGE, ...POLITE);
    await runs('guest', ['--network', 'container:vpn']);
    expect(await watched.see('guest', 'running', ({ state }) => state === 'running')).toMatchObject({ networkMode: `container:${lender}`, networks: [] });
    expect(await watched.see('vpn', 'there', () => true)).toMatchObject({ networks: [{ name: 'one', ip: expect.any(String) }] });
    await docker('rm', '-f', 'web', 'guest', 'vpn');
    await docker('network', 'rm', 'one', 'two');
  });

  it('counts containers without a label of ours where that is wanted', async () => {
    const watched = watch(engine.socket, { all: true });
    await watched.isOk();
    await docker('run', '-d', '--name', 'plain', IMAGE, ...POLITE);
    expect(await watched.see('plain', 'running', ({ state }) => state === 'running')).toMatchObject({ labels: {} });
  });

  it('speaks TLS to an engine that asks who it is, and to no other', async () => {
    await runs('web');
    const door = await new TlsDoor(engine.socket).open();
    const tls = (certificates: string): WatchedEngine => {
      const watched = new WatchedEngine(`tcp://127.0.0.1:${door.port}`, {}, { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }).start();
      open.push(watched);
      return watched;
    };
    try {
      const known = tls(door.known);
      await known.isOk();
      expect(known.named('web')?.state).toBe('running');
      await docker('rename', 'web', 'web2');
      await known.see('web2', 'renamed', () => true);
      // No certificate of its own; an authority that is not the engine's.
      expect((await tls(door.nameless).isDown()).message).toMatch(/certificate required|alert number 116|socket hang up|cut/);
      expect((await tls(door.misled).isDown()).message).toMatch(/certificate|self.signed|signature/);
      const plain = new WatchedEngine(`tcp://127.0.0.1:${door.port}`).start();
      open.push(plain);
      expect((await plain.isDown()).message).toMatch(/; tried again in/);
      expect([...plain.states]).toEqual([]);
    } finally {
      await Promise.all(open.splice(0).map(({ watcher }) => watcher.stop()));
      await door.close();
    }
  });

  it('misses nothing of what happened while the stream was cut', async () => {
    for (const name of ['stays', 'stops', 'ends', 'goes']) await runs(name, [], STUBBORN);
    const watched = watch(proxy.socket);
    await watched.isOk();
    proxy.mode = 'refuse';
    proxy.cut();
    const { message } = await watched.isDown();
    expect(message).toMatch(/; tried again in \d+\.\d s$/);
    const known = watched.containers;
    await docker('kill', '--signal', 'TERM', 'stops');
    await docker('kill', 'ends');
    await docker('rm', '-f', 'goes');
    await runs('comes');
    expect(watched.containers).toEqual(known);
    expect(known.map(({ state }) => state)).toEqual(Array(4).fill('running'));
    proxy.mode = 'pass';
    await watched.isOk();
    await watched.see('comes', 'there', ({ state }) => state === 'running');
    await watched.see('ends', 'exited', ({ state, exitedAt }) => state === 'exited' && exitedAt !== undefined);
    await watched.see('goes', 'gone', ({ state }) => state === 'dead');
    // Nothing but an event says so: it is asked for those of the past.
    await watched.see('stops', 'stopping', ({ state, stoppingSince }) => state === 'running' && stoppingSince !== undefined);
    expect(watched.named('stays')).toEqual(known.find(({ name }) => name === 'stays'));
  });

  it('comes back from answers that make no sense, and from none, with growing patience', async () => {
    proxy.mode = 'garbage';
    const watched = watch(proxy.socket);
    expect((await watched.isDown()).message).toContain('Parse Error');
    expect(watched.states).toEqual([]);
    await waitFor('a second attempt', () => watched.health.length > 1);
    proxy.mode = 'pass';
    // Whoever asks need not wait for the next attempt.
    watched.watcher.resync();
    await watched.isOk();
    await runs('web');
    await watched.see('web', 'running', ({ state }) => state === 'running');
    const reports = watched.health.length;
    proxy.inject('6\r\n{"x":\n\r\n');
    await waitFor('the engine to be read again', () => watched.health.length >= reports + 2);
    expect(watched.health.at(-2)?.message).toContain('the engine sends something that is no event: "{\\"x\\":"');
    expect(watched.named('web')?.state).toBe('running');
  });

  it('notices a stream that is dead though nobody ended it', async () => {
    for (const name of ['ends', 'goes', 'stops']) await runs(name, [], STUBBORN);
    const watched = watch(proxy.socket, { reconcile: 300 });
    await watched.isOk();
    const { streams } = proxy;
    proxy.freeze();
    await docker('rm', '-f', 'goes');
    await watched.see('goes', 'gone', ({ state }) => state === 'dead');
    await waitFor('a new stream', () => proxy.streams === streams + 1);
    proxy.freeze();
    await docker('kill', 'ends');
    await watched.see('ends', 'exited', ({ state }) => state === 'exited');
    await waitFor('another one', () => proxy.streams === streams + 2);
    // Nothing but an event says so.
    await docker('kill', '--signal', 'TERM', 'stops');
    await watched.see('stops', 'stopping', ({ stoppingSince }) => stoppingSince !== undefined);
    expect(watched.health).toEqual([{ state: 'ok' }]);
  });

  it('leaves a stream alone that is merely quiet', async () => {
    await runs('web');
    const watched = watch(proxy.socket, { reconcile: 50 });
    await watched.isOk();
    const { streams } = proxy;
    const told = watched.states.length;
    await waitFor('some comparisons', () => watched.states.length > told + 10);
    await docker('rename', 'web', 'web2');
    await watched.see('web2', 'there', () => true);
    expect(proxy.streams).toBe(streams);
    expect(watched.health).toEqual([{ state: 'ok' }]);
  });

  it('keeps what it knows while the engine is away, and reads all of it when that is back', async () => {
    await runs('stays', [], STUBBORN);
    await runs('ends', [], STUBBORN);
    const pid = await docker('inspect', '--format', '{{.State.Pid}}', 'ends');
    const watched = watch();
    await watched.isOk();
    const known = watched.containers;
    await engine.crash();
    expect((await watched.isDown()).message).toMatch(/\(is the engine running\?\)|connection was cut|ended its stream/);
    process.kill(Number(pid), 'SIGKILL');
    await sleep(100);
    expect(watched.containers).toEqual(known);
    await engine.restart();
    await watched.isOk();
    await watched.see('ends', 'exited', ({ state }) => state === 'exited');
    expect(watched.named('stays')).toMatchObject({ state: 'running', networks: known.find(({ name }) => name === 'stays')?.networks });
    await runs('comes');
    await watched.see('comes', 'running', ({ state }) => state === 'running');
  });

  it('says what is wrong with a socket that is not there, and stops while it waits', async () => {
    const watched = watch('/nowhere/docker.sock');
    expect((await watched.isDown()).message).toMatch(/^connect ENOENT \/nowhere\/docker\.sock \(is the engine running\?\); tried again in \d\.\d s$/);
    await watched.watcher.stop();
    await watched.watcher.stop();
    const { length } = watched.health;
    await sleep(1500);
    expect(watched.health.length).toBe(length);
  });
});
