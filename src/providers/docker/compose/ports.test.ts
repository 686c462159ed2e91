import { describe, expect, it } from 'vitest';
import { exposedPorts, publishedPorts } from './ports.ts';

const texts = (value: unknown): string[] => publishedPorts(value).map(({ hostIp, hostPort, port, protocol }) => `${hostIp}|${hostPort}|${port}/${protocol}`);

describe('ports of compose files', () => {
  it.each<[unknown, string[]]>([
    [['80'], ['|0|80/tcp']],
    [[80], ['|0|80/tcp']],
    [['8080:80'], ['|8080|80/tcp']],
    [['8080:80/udp'], ['|8080|80/udp']],
    [['127.0.0.1:8080:80'], ['127.0.0.1|8080|80/tcp']],
    [['127.0.0.1::80'], ['127.0.0.1|0|80/tcp']],
    [['[::1]:8080:80'], ['::1|8080|80/tcp']],
    [['8000-8001:80-81'], ['|8000|80/tcp', '|8001|81/tcp']],
    [[{ target: 80, published: '8080', host_ip: '192.0.2.1', protocol: 'udp' }], ['192.0.2.1|8080|80/udp']],
    [[{ target: 80 }], ['|0|80/tcp']],
    [['x', '70000', '9-8', null, {}], []],
    [undefined, []],
  ])('%j are published', (value, expected) => {
    expect(texts(value)).toEqual(expected);
  });

  it('are exposed', () => {
    expect(exposedPorts(['80', 81, '90-91/udp', 'x'])).toEqual([
      { port: 80, protocol: 'tcp' },
      { port: 81, protocol: 'tcp' },
      { port: 90, protocol: 'udp' },
      { port: 91, protocol: 'udp' },
    ]);
    expect(exposedPorts(undefined)).toEqual([]);
  });
});
