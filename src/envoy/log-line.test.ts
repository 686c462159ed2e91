import { describe, expect, it } from 'vitest';
import { lastWords, parseLogLine, saysUp } from './log-line.ts';

const AT = '[2026-11-21 01:59:04.279][13804]';

describe('parseLogLine', () => {
  it('reads level, component and message', () => {
    expect(parseLogLine(`${AT}[critical][main] [source/server/server.cc:449] error \`x\` [y]`)).toEqual({
      level: 'critical',
      component: 'main',
      message: 'error `x` [y]',
    });
    expect(parseLogLine(`${AT}[warning][envoy_bug] no place`)).toEqual({ level: 'warning', component: 'envoy_bug', message: 'no place' });
  });

  it.each(['', "  c.yaml'", 'cannot bind', '{"access":"log"}', '[2026-11-21T01:59:04Z] "GET / HTTP/1.1" 200'])('leaves %j alone', (line) => {
    expect(parseLogLine(line)).toBeUndefined();
  });
});

it('knows when Envoy is up', () => {
  expect(saysUp(`${AT}[info][main] [source/server/server.cc:1098] starting main dispatch loop`)).toBe(true);
  expect(saysUp(`${AT}[info][main] [source/server/server.cc:1107] main dispatch loop exited`)).toBe(false);
});

describe('lastWords', () => {
  const exiting = `${AT}[info][main] [source/server/server.cc:1159] exiting`;

  it('are what stands after the log', () => {
    expect(
      lastWords([`${AT}[critical][main] [s.cc:1] error \`cannot bind\` initializing config '`, "  c.yaml'", exiting, "cannot bind '127.0.0.1:1'"]),
    ).toEqual(["cannot bind '127.0.0.1:1'"]);
  });

  it('are else the errors', () => {
    expect(lastWords([`${AT}[critical][backtrace] [s.cc:1] Caught Segmentation fault`, `${AT}[critical][backtrace] [s.cc:2] #0: f()`, exiting])).toEqual([
      'Caught Segmentation fault',
      '#0: f()',
    ]);
  });

  it('are else the last lines, whatever they are', () => {
    expect(lastWords(['PARSE ERROR: --bogus'])).toEqual(['PARSE ERROR: --bogus']);
    expect(lastWords([exiting])).toEqual(['exiting']);
    expect(lastWords([])).toEqual([]);
  });
});
