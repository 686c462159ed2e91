import { describe, expect, it } from 'vitest';
import { createLogger, type LogFormat, type LoggerOptions } from './logger.ts';

function record(format: LogFormat, { isTTY = false, ...more }: { isTTY?: boolean } & Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level: 'info', format, stream: { write: (text) => lines.push(text), isTTY }, ...more }) };
}

const ESCAPE = String.fromCharCode(27);

describe('createLogger', () => {
  it('writes one JSON object a line off a terminal, with the time in RFC 3339 and the level by name', () => {
    const { lines, logger } = record('auto');
    logger.info({ node: 'edge-1' }, 'connected');
    expect(lines).toHaveLength(1);
    const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(entry).toMatchObject({ level: 'info', node: 'edge-1', msg: 'connected' });
    expect(entry.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(entry).not.toHaveProperty('hostname');
  });

  it('is readable on a terminal', () => {
    const { lines, logger } = record('auto', { isTTY: true, color: false });
    logger.warn({ node: 'edge-1' }, 'rejected');
    expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: rejected \{"node":"edge-1"\}\n$/);
  });

  it('does as it is told rather than by the terminal', () => {
    const json = record('json', { isTTY: true });
    json.logger.info('x');
    expect(() => JSON.parse(json.lines[0] ?? '') as unknown).not.toThrow();
    const text = record('pretty', { color: true });
    text.logger.info('x');
    expect(text.lines[0]).toContain('INFO');
    expect(text.lines[0]).toContain(ESCAPE);
  });

  it('keeps errors whole', () => {
    const { lines, logger } = record('json');
    logger.error({ err: new Error('disk full') }, 'not written');
    expect((JSON.parse(lines[0] ?? '') as { err: unknown }).err).toMatchObject({ type: 'Error', message: 'disk full' });
  });

  it('is silent below its level', () => {
    const { lines, logger } = record('json', { level: 'warn' });
    logger.info('x');
    expect(lines).toEqual([]);
  });

  it.each([
    { token: 's3cret' },
    { authorization: 'Bearer s3cret' },
    { headers: { authorization: 'Bearer s3cret' } },
    { req: { headers: { authorization: 'Bearer s3cret', cookie: 's3cret' } } },
    { options: { token: 's3cret' } },
  ])('never writes a token: %j', (fields) => {
    for (const format of ['json', 'pretty'] as const) {
      const { lines, logger } = record(format);
      logger.info(fields, 'x');
      expect(lines.join('')).toContain('[redacted]');
      expect(lines.join('')).not.toContain('s3cret');
    }
  });
});
