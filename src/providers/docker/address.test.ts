import { describe, expect, it } from 'vitest';
import { type AddressInput, engineAddress } from './address.ts';

const address = (input: Partial<AddressInput>, ...files: string[]) =>
  engineAddress({ env: {}, home: '/home/me', exists: (path) => files.includes(path), ...input });

describe('engineAddress', () => {
  it('takes the option before DOCKER_HOST, and else the first of the usual sockets that is there', () => {
    const env = { DOCKER_HOST: 'unix:///two.sock', XDG_RUNTIME_DIR: '/run/user/1' };
    expect(address({ env, host: 'unix:///one.sock' })).toEqual({ text: 'unix:///one.sock', sockets: ['/one.sock'] });
    expect(address({ env })).toEqual({ text: 'unix:///two.sock', sockets: ['/two.sock'] });
    const sockets = ['/var/run/docker.sock', '/home/me/.docker/run/docker.sock', '/run/podman/podman.sock'];
    expect(address({})).toEqual({ text: 'unix:///var/run/docker.sock', sockets });
    expect(address({}, '/run/podman/podman.sock')).toEqual({ text: 'unix:///run/podman/podman.sock', sockets });
    expect(address({ env: { ...env, DOCKER_HOST: '' } }, '/run/user/1/podman/podman.sock').text).toBe('unix:///run/user/1/podman/podman.sock');
  });

  it('reads TCP with and without TLS, as the docker command line does', () => {
    const tls = { ca: '/certs/ca.pem', cert: '/certs/cert.pem', key: undefined };
    const verify = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const there = ['/certs/ca.pem', '/certs/cert.pem'];
    expect(address({ host: 'tcp://10.0.0.5' })).toEqual({ text: 'tcp://10.0.0.5:2375', host: '10.0.0.5', port: 2375 });
    expect(address({ host: '[::1]:4000' })).toEqual({ text: 'tcp://[::1]:4000', host: '::1', port: 4000 });
    expect(address({ env: { DOCKER_HOST: 'tcp://engine', ...verify } }, ...there)).toEqual({ text: 'tcp://engine:2376', host: 'engine', port: 2376, tls });
    expect(address({ host: 'tcp://engine:1', tls: { ca: '/mine.pem' }, env: verify }).tls).toEqual({ ca: '/mine.pem' });
    expect(address({ host: 'https://engine' })).toEqual({ text: 'tcp://engine:2376', host: 'engine', port: 2376, tls: {} });
    expect(address({ env: { DOCKER_HOST: 'tcp://engine', DOCKER_TLS_VERIFY: '1' } }, '/home/me/.docker/ca.pem').tls?.ca).toBe('/home/me/.docker/ca.pem');
  });

  it.each([
    ['ssh://me@engine', /--docker-host "ssh:\/\/me@engine" is not supported: forward the socket by ssh itself/],
    ['unix://relative', /must have an absolute path/],
    ['npipe:////./pipe/docker_engine', /must be unix:\/\/\/PATH or tcp:\/\/HOST:PORT/],
    ['tcp://', /must be unix/],
    ['tcp://me:secret@engine', /must not hold a user or a password/],
    ['tcp://engine:2375/path', /must end with its port/],
  ])('refuses %s', (host, message) => {
    expect(() => address({ host })).toThrow(message);
  });

  it('names the variable where that was wrong, and says what to write', () => {
    const refused = () => address({ env: { DOCKER_HOST: 'ssh://engine' } });
    expect(refused).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: expect.stringMatching(/^DOCKER_HOST "ssh:/), hint: expect.stringContaining('ssh -nNT -L') }),
    );
  });
});
