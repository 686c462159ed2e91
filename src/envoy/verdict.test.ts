import { describe, expect, it } from 'vitest';
import { rejection } from './verdict.ts';

const critical = (message: string): string => `[2026-11-21 08:23:39.770][1039][critical][main] [source/server/config_validation/server.cc:76] ${message}`;
const info = '[2026-11-21 08:23:39.770][1039][info][main] [source/server/server.cc:1] all is well';
const KEY = 'inline_string: "-----BEGIN PRIVATE KEY-----"';

describe("Envoy's words for why it refuses", () => {
  it.each<[string, string[], object]>([
    [
      'a line of its log',
      [info, critical("error initializing configuration '/tmp/x/b.json': malformed IP address: foo")],
      { message: 'malformed IP address: foo' },
    ],
    [
      'after a dump, which nobody is to see',
      [
        critical("error initializing configuration 'b.json': goo.gle/debugproto  "),
        KEY,
        ': Proto constraint validation failed (BootstrapValidationError.StaticResources: embedded message failed validation | caused by StaticResourcesValidationError.Clusters[1]: embedded message failed validation | caused by ClusterValidationError.ConnectTimeout: value must be greater than 0s)',
      ],
      { message: 'ClusterValidationError.ConnectTimeout: value must be greater than 0s', resource: { list: 'clusters', index: 1 } },
    ],
    [
      'after a dump so long that its beginning is lost',
      [KEY, ': Proto constraint validation failed (BufferValidationError.MaxRequestBytes: value is required and must not be nil.)'],
      { message: 'BufferValidationError.MaxRequestBytes: value is required and must not be nil.' },
    ],
    ['nowhere', [critical("error initializing configuration 'b.json': goo.gle/debugonly "), KEY], { message: 'Envoy refused it, and named no reason' }],
    ['nowhere in what is left', [KEY, KEY], { message: 'Envoy refused it, and named no reason' }],
    ['nothing at all', [], { message: 'Envoy refused it, and named no reason' }],
  ])('are found: %s', (_, lines, expected) => {
    expect(rejection(lines.join('\n'))).toEqual(expected);
  });

  it('are cut where they are very long', () => {
    expect(rejection(critical('x'.repeat(10_000))).message).toHaveLength(2001);
  });
});
