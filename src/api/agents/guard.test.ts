import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EnvoyageError } from '../../lib/errors.ts';
import { type GuardOptions, guard } from '../guard.ts';
import { agentIn } from './guard.ts';

const entry = (name: string, token: string) => ({ name, hash: createHash('sha256').update(token).digest() });
const TOKENS = [entry('h1', 'one'), entry('h1', 'next'), entry('h2', 'two'), entry('*', 'any')];
const REMOTE: GuardOptions = { address: { host: '0.0.0.0', port: 8080 }, allowedHosts: [], token: 's3cret', agentTokens: () => TOKENS };
const LOCAL: GuardOptions = { ...REMOTE, token: undefined };

function verdict(path: string, token: string | undefined, options = REMOTE): string {
  try {
    guard({ host: '10.0.0.1:8080', origin: undefined, authorization: token === undefined ? undefined : `Bearer ${token}`, path }, options);
    return 'admitted';
  } catch (thrown) {
    if (thrown instanceof EnvoyageError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
}

describe('the token of an agent', () => {
  it.each(['/api/v1/agents/h1', '/api/v1/agents/h1/lease', '/api/v1/agents/%681/lease'])('opens %s', (path) => {
    expect([verdict(path, 'one'), verdict(path, 'next'), verdict(path, 'any')]).toEqual(['admitted', 'admitted', 'admitted']);
  });

  it('does not speak for another agent, and says so by name', () => {
    const refused = 'agent-refused: the token is that of agent "h2", and does not speak for "h1"';
    expect([verdict('/api/v1/agents/h1', 'two'), verdict('/api/v1/agents/h1/lease', 'two')]).toEqual([refused, refused]);
    expect(verdict('/api/v1/agents/h3', 'one')).toMatch(/^agent-refused/);
    expect(verdict('/api/v1/agents/h1%2f..%2fh2', 'one')).toMatch(/^agent-refused/);
    expect(verdict('/api/v1/agents/%', 'one')).toMatch(/^agent-refused/);
  });

  it('is one of the file', () => {
    expect(verdict('/api/v1/agents/h1', 'wrong')).toBe('unauthorized: the token that agent "h1" sent is not one of --agent-token-file');
    expect(verdict('/api/v1/agents/h1', undefined)).toBe('unauthorized: agent "h1" sent no token');
    expect(verdict('/api/v1/agents/h1', 'one', { ...REMOTE, agentTokens: () => [] })).toMatch(/^unauthorized/);
  });

  it.each(['/api/v1/agents', '/api/v1/agents?x', '/api/v1/services', '/metrics', '/api/v1/agentsx/h1', '/api/v1/AGENTS/h1', '//api/v1/agents/h1'])(
    'does not open %s',
    (path) => {
      expect([verdict(path, 'one'), verdict(path, 'any')]).toEqual([expect.stringMatching(/^unauthorized/), expect.stringMatching(/^unauthorized/)]);
    },
  );

  it('is asked for where the API asks nobody else for one, and the one for everything does as well', () => {
    const host = '127.0.0.1';
    expect(verdict('/api/v1/agents/h1', 's3cret')).toBe('admitted');
    const local = (path: string, authorization?: string) => {
      try {
        guard({ host, origin: undefined, authorization, path }, LOCAL);
        return 'admitted';
      } catch (thrown) {
        return (thrown as EnvoyageError).code;
      }
    };
    expect([local('/api/v1/agents/h1'), local('/api/v1/agents/h1', 'Bearer one'), local('/api/v1/agents'), local('/api/v1/services')]).toEqual([
      'unauthorized',
      'admitted',
      'admitted',
      'admitted',
    ]);
  });

  it('is not asked of people who forget an agent where they are asked for none', () => {
    const host = '127.0.0.1';
    const forget = (options: GuardOptions, authorization?: string) => {
      try {
        guard({ method: 'DELETE', host, origin: undefined, authorization, path: '/api/v1/agents/h1' }, options);
        return 'admitted';
      } catch (thrown) {
        return (thrown as EnvoyageError).code;
      }
    };
    expect([forget(LOCAL), forget(LOCAL, 'Bearer wrong'), forget(LOCAL, 'Bearer two'), forget(REMOTE), forget(REMOTE, 'Bearer s3cret')]).toEqual([
      'admitted',
      'unauthorized',
      'agent-refused',
      'unauthorized',
      'admitted',
    ]);
  });

  it('is not asked for where there is no file of them: then it is the one for everything', () => {
    const options = { ...REMOTE, agentTokens: undefined };
    expect(verdict('/api/v1/agents/h1', 's3cret', options)).toBe('admitted');
    expect(verdict('/api/v1/agents/h1', 'one', options)).toBe('unauthorized: the token is not the right one');
  });
});

describe('the agent that a path is about', () => {
  it('is the one that its handler will see', () => {
    expect(['/api/v1/agents/h1', '/api/v1/agents/h1/lease', '/api/v1/agents/h%2D1', '/api/v1/agents', '/api/v1/agents/'].map(agentIn)).toEqual([
      'h1',
      'h1',
      'h-1',
      undefined,
      '',
    ]);
  });
});
