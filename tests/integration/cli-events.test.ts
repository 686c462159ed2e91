import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import type { Io } from '../../src/cli/io.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';

/** A command that goes on until it is told to stop. */
function listen(url: string, ...args: string[]) {
  const signals = new EventEmitter();
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: { ENVOYAGE_SERVER: url },
    cwd: '/',
    uid: 1000,
    signals,
    exit: () => undefined,
    now: () => Date.now(),
  };
  const ended = runCli(['events', ...args], io);
  return { written, ended, listening: () => signals.listenerCount('SIGINT') > 0, interrupt: () => signals.emit('SIGINT') };
}

const apply = (api: TestApi, port: number) =>
  api.call('POST', '/api/v1/apply', {
    body: { objects: [{ object: { kind: 'Service', name: 'web', host: 'web.example.com', endpoints: [`a:${port}`] } }] },
    headers: { 'x-envoyage-author': 'ann@laptop' },
  });

describe('envoyage events', () => {
  const open: TestApi[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  it('tells people in a line each, and goes on where a restart cut it off', async () => {
    const folder = tempFolder();
    const flags = { 'http-address': `127.0.0.1:${await freePort()}`, 'data-dir': join(folder.path, 'data') };
    const first = await TestApi.start(flags, {}, folder.kept);
    await apply(first, 1);
    const events = listen(`http://${flags['http-address']}`, '--since', '0', '--only', 'revision');
    await waitFor('the first', () => events.written.stdout.includes('revision 1'));
    await apply(first, 2);
    await waitFor('the second', () => events.written.stdout.includes('revision 2'));
    await first.daemon.close();
    const second = await TestApi.start(flags, {}, folder);
    open.push(second);
    await apply(second, 3);
    await waitFor('the third', () => events.written.stdout.includes('revision 3'));
    events.interrupt();
    expect(await events.ended).toBe(0);
    expect(events.written.stderr).toBe('');
    expect(events.written.stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''))).toEqual([
      'revision 1 by ann@laptop: Service web created',
      'revision 2 by ann@laptop: Service web changed (endpoints)',
      'what else happened since revision 2 is not known any more',
      'revision 3 by ann@laptop: Service web changed (endpoints)',
      '',
    ]);
  });

  it('tells programs in JSON, and says what it was refused', async () => {
    const api = await TestApi.start();
    open.push(api);
    const url = `http://127.0.0.1:${api.port}`;
    await apply(api, 1);
    const events = listen(url, '--since', '0', '--json');
    await waitFor('three', () => events.written.stdout.split('\n').length > 3);
    events.interrupt();
    await events.ended;
    const told = events.written.stdout
      .split('\n')
      .slice(0, 3)
      .map((line) => JSON.parse(line) as { event: string });
    expect(told.map(({ event }) => event)).toEqual(['revision', 'publication', 'live']);
    const refused = listen(url, '--only', 'revison');
    expect(await refused.ended).toBe(2);
    expect(refused.written.stderr).toContain('there is no event "revison" (did you mean "revision"?)');
    expect(await listen('http://127.0.0.1:1').ended).toBe(3);
  });
});
